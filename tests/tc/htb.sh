tc qdisc add dev eth0 root handle 1: htb default 12
tc class add dev eth0 parent 1: classid 1:1 htb rate 100kbps ceil 100kbps
tc class add dev eth0 parent 1:1 classid 1:10 htb rate 30kbps ceil 100kbps
tc class add dev eth0 parent 1:1 classid 1:11 htb rate 10kbps ceil 100kbps prio 1
tc class add dev eth0 parent 1:1 classid 1:12 htb rate 10mbit burst 15k cburst 20k prio 2 quantum 3000
tc class show dev eth0
tc -d class show dev eth0
tc -s class show dev eth0
tc -s -d class ls dev eth0
tc class show dev eth0 parent 1:1
tc class show dev eth0 classid 1:10
tc qdisc add dev eth0 parent 1:10 handle 20: pfifo limit 5
tc qdisc add dev eth0 parent 1:11 handle 30: tbf rate 1mbit burst 10k latency 10ms
tc qdisc show dev eth0
tc -j -d -s qdisc show dev eth0
tc qdisc show dev eth0 parent 1:10
tc class show dev eth0
tc class change dev eth0 parent 1:1 classid 1:10 htb rate 60kbps ceil 80kbps
tc class replace dev eth0 parent 1:1 classid 1:13 htb rate 8kbit
tc class show dev eth0
tc class del dev eth0 classid 1:12
tc class del dev eth0 classid 1:1
tc class add dev eth0 parent 1: classid 1:2 htb rate 40gbit mpu 64 overhead 10 linklayer atm
tc -d class show dev eth0 classid 1:2
tc qdisc del dev eth0 root
tc class show dev eth0
