tc qdisc add dev eth0 root htb default
tc qdisc add dev eth0 root htb default zz
tc qdisc add dev eth0 root htb foo
tc qdisc add dev eth0 root htb r2q x
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit
tc qdisc add dev eth0 root handle 1: htb r2q 5 direct_qlen 10
tc -d qdisc show dev eth0
tc class add dev eth0 parent 1: classid 1:1 htb
tc class add dev eth0 parent 1: classid 1:1 htb rate x
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit rate 2mbit
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit foo
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit prio x
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit burst x
tc class add dev eth0 parent 1: classid 2:1 htb rate 1mbit
tc class add dev eth0 parent 1: classid x htb rate 1mbit
tc class add dev eth0 parent 1: classid 1:1
tc class add dev eth0 parent 1: classid 1:1 pfifo
tc class add dev eth0 parent 1: htb rate 1mbit
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit
tc class change dev eth0 classid 1:9 htb rate 1mbit
tc class del dev eth0 classid 1:9
tc class show dev nope
tc class show dev
tc class get dev eth0 classid 1:1
tc class
