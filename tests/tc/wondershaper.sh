tc qdisc del dev eth0 root 2> /dev/null > /dev/null
tc qdisc del dev eth0 ingress 2> /dev/null > /dev/null
tc qdisc add dev eth0 root handle 1: htb default 20
tc class add dev eth0 parent 1: classid 1:1 htb rate 220kbit burst 6k
tc class add dev eth0 parent 1:1 classid 1:10 htb rate 220kbit burst 6k prio 1
tc class add dev eth0 parent 1:1 classid 1:20 htb rate 198kbit burst 6k prio 2
tc class add dev eth0 parent 1:1 classid 1:30 htb rate 176kbit burst 6k prio 2
tc filter add dev eth0 parent 1:0 protocol ip prio 10 u32 match ip tos 0x10 0xff flowid 1:10
tc filter add dev eth0 parent 1:0 protocol ip prio 10 u32 match ip protocol 1 0xff flowid 1:10
tc filter add dev eth0 parent 1: protocol ip prio 10 u32 match ip protocol 6 0xff match u8 0x05 0x0f at 0 match u16 0x0000 0xffc0 at 2 match u8 0x10 0xff at 33 flowid 1:10
for a in 10.1.0.1 10.2.0.0/16; do tc filter add dev eth0 parent 1: protocol ip prio 14 u32 match ip dst $a flowid 1:30; done
for a in 80 443; do tc filter add dev eth0 parent 1: protocol ip prio 16 u32 match ip sport $a 0xffff flowid 1:30; done
tc filter add dev eth0 parent 1: protocol ip prio 18 u32 match ip dst 0.0.0.0/0 flowid 1:20
tc qdisc add dev eth0 handle ffff: ingress
tc -s qdisc ls dev eth0
tc -s class ls dev eth0
tc filter ls dev eth0
tc qdisc del dev eth0 root
tc qdisc del dev eth0 ingress
tc qdisc show dev eth0
