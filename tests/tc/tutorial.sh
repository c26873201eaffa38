tc qdisc add dev eth0 root handle 1:0 htb default 12
tc class add dev eth0 parent 1:0 classid 1:1 htb rate 100mbit ceil 100mbit burst 15k
tc class add dev eth0 parent 1:1 classid 1:10 htb rate 5% ceil 50%
tc class add dev eth0 parent 1:1 classid 1:11 htb rate 100kbps ceil 100kbps
tc class add dev eth0 parent 1:1 classid 0x1:0x12 htb rate 1Gibit
tc qdisc add dev eth0 parent 1:10 handle 20: pfifo limit 5
tc qdisc add dev eth0 parent 1:11 handle 0x30: tbf rate 0.5mbit burst 5kb latency 70ms peakrate 1mbit minburst 1540
tc filter add dev eth0 proto ip parent 1:0 prio 1 u32 match ip src 1.2.3.4 match ip dport 80 0xffff flowid 1:10
tc filter add dev eth0 protocol ip parent 1:0 pref 2 u32 match ip protocol 6 0xff match u8 0x05 0x0f at 0 match u16 0x0000 0xffc0 at 2 match u8 0x10 0xff at 33 flowid 1:11
tc filter add dev eth0 parent 1: prio 5 protocol ip handle 3: u32 divisor 1
tc filter add dev eth0 parent 1: prio 5 protocol ip u32 ht 3:0: match ip src 1.1.1.1 flowid 1:10
tc class show dev eth0
tc class show dev eth0 qdisc 1:
tc -d class show dev eth0 parent 1:1
tc -r class show dev eth0
tc -s qdisc ls dev eth0
tc filter ls dev eth0 parent 1:
tc filter show dev eth0 proto ip prio 1
tc qdisc add dev eth1 root tbf rate 1mbit burst 0x8000 latency 50ms
tc qdisc show dev eth1
tc qdisc replace dev eth1 root tbf rate 10% burst 32kbit latency 400ms
tc qdisc show dev eth1
tc class add dev eth0 parent 1: classid 1:zz htb rate 1mbit
tc class add dev eth0 parent 1: classid 1:10000 htb rate 1mbit
tc qdisc add dev eth2 root handle 10000: htb
tc qdisc add dev eth2 root handle 1x: htb
tc qdisc add dev eth2 root handle 1:x pfifo
tc qdisc show dev eth2
tc filter del dev eth0 parent 1: prio 5
tc qdisc del dev eth0 root handle 1:
tc qdisc show dev eth0
