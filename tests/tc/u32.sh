tc qdisc add dev eth0 root handle 1: htb default 30
tc class add dev eth0 parent 1: classid 1:10 htb rate 5mbit
tc filter add dev eth0 protocol ip parent 1:0 prio 1 u32 match ip src 10.0.0.0/24 match ip dport 80 0xffff flowid 1:10
tc filter add dev eth0 protocol ip parent 1: prio 1 u32 match ip sport 22 0xffff match ip protocol 6 0xff match ip tos 0x10 0xff flowid 1:10
tc filter add dev eth0 protocol ip parent 1: prio 2 u32 match u8 0x05 0x0f at 0 match u16 0x0000 0xffc0 at 2 match u8 0x10 0xff at 33 classid 1:10
tc filter add dev eth0 protocol ipv6 parent 1: prio 3 u32 match ip6 dst 2001:db8::/48 match ip6 dport 53 0xffff flowid 1:10
tc filter add dev eth0 protocol ip parent 1: prio 4 u32 match tcp dst 22 0xffff flowid 1:10
tc filter add dev eth0 protocol ip parent 1: prio 5 handle 800::7 u32 match ip icmp_type 8 0xff match ip protocol 1 0xff flowid 1:10
tc filter add dev eth0 protocol ip parent 1: prio 6 u32 match u32 0 0 flowid 1:10
tc filter add dev eth0 protocol all parent 1: prio 7 u32 match ether src 02:00:00:00:00:09 flowid 1:10
tc filter show dev eth0
tc filter show dev eth0 parent 1:
tc -d -s filter show dev eth0
tc -j filter show dev eth0
tc -j -d -s filter show dev eth0
tc filter show dev eth0 prio 1
tc filter show dev eth0 protocol ipv6
tc filter get dev eth0 parent 1: protocol ip prio 1 handle 800::800 u32
tc filter replace dev eth0 protocol ip parent 1: prio 5 handle 800::7 u32 match ip icmp_type 0 0xff match ip protocol 1 0xff flowid 1:10
tc filter del dev eth0 protocol ip parent 1: prio 1 handle 800::801 u32
tc filter del dev eth0 parent 1: prio 2 protocol ip
tc filter show dev eth0
tc filter del dev eth0 parent 1:
tc filter show dev eth0
