tc qdisc add dev eth0 root handle 1: htb default 1
tc class add dev eth0 parent 1: classid 1:1 htb rate 10mbit
tc class add dev eth0 parent 1:1 classid 1:10 htb rate 1mbit
tc class add dev eth0 parent 1:1 classid 1:11 htb rate 2mbit prio 2
tc class add dev eth0 parent 1:11 classid 1:20 htb rate 2mbit prio 2
tc class add dev eth0 parent 1:11 classid 1:21 htb rate 2mbit prio 2
tc class add dev eth0 parent 1: classid 1:2 htb rate 3mbit
tc qdisc add dev eth0 parent 1:10 handle 10: pfifo
tc -g class show dev eth0
tc -g -s class show dev eth0
tc -g -d class show dev eth0
tc -g class show dev eth0 classid 1:10
tc -g class show dev eth1
tc -g qdisc show dev eth0
tc class add dev eth0 parent 1:2 classid 1:30 htb rate 1mbit
tc class add dev eth0 parent 1:30 classid 1:31 htb rate 1mbit
tc -g class show dev eth0
tc -g -s class show dev eth0
