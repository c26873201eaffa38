# needs: hfsc drr qfq
tc qdisc add dev eth0 root handle 1: hfsc default 10
tc class add dev eth0 parent 1: classid 1:1 hfsc sc rate 10mbit ul rate 10mbit
tc class add dev eth0 parent 1:1 classid 1:10 hfsc sc umax 1500b dmax 53ms rate 400kbit ul rate 1mbit
tc class add dev eth0 parent 1:1 classid 1:11 hfsc rt m1 1mbit d 10ms m2 500kbit ls m2 100kbit
tc qdisc show dev eth0
tc class show dev eth0
tc qdisc replace dev eth0 root handle 2: drr
tc class add dev eth0 parent 2: classid 2:1 drr quantum 600
tc class show dev eth0
tc qdisc replace dev eth0 root handle 3: qfq
tc class add dev eth0 parent 3: classid 3:1 qfq weight 10 maxpkt 2000
tc class show dev eth0
