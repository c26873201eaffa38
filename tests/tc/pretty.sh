tc qdisc add dev eth0 root handle 1: htb default 1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst 10.0.0.0/8 flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip src 1.2.3.4 match ip protocol 6 0xff match ip dport 80 0xffff flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip sport 53 0xffff match ip tos 0x10 0xff flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip sport 53 0xffff match ip dport 54 0xffff flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip ihl 5 0xf flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match tcp dst 80 0xffff flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match u8 0x6 0xff at 9 flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match u32 0x11223344 0xffff00ff at 8 flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip sport 53 0xff00 match ip dst 10.1.0.0/31 flowid 1:1
tc filter add dev eth0 parent 1: protocol ipv6 prio 2 u32 match ip6 dst fe80::/10 flowid 1:1
tc filter add dev eth0 parent 1: protocol all prio 3 u32 match ip dst 10.0.0.0/8 flowid 1:1
tc -p filter show dev eth0
tc -p filter show dev eth0 prio 1
tc -p -s qdisc show dev eth0
