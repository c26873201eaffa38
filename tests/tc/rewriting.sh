# needs: pedit csum nat_action vlan_action skbedit
tc qdisc add dev eth0 clsact
tc filter add dev eth0 ingress protocol ip prio 1 u32 match ip dst 10.0.0.1 action pedit ex munge ip ttl add 255 pipe action csum ip
tc filter add dev eth0 ingress protocol ip prio 2 u32 match u32 0 0 action pedit munge ip dst set 10.0.0.7 munge ip tos set 0x10 pipe
tc filter add dev eth0 ingress protocol ip prio 3 u32 match u32 0 0 action pedit ex munge eth dst set 02:11:22:33:44:55 munge eth src set 02:11:22:33:44:66 munge tcp dport set 8080 munge udp sport set 53
tc filter add dev eth0 ingress protocol ipv6 prio 4 u32 match u32 0 0 action pedit ex munge ip6 dst set fe80::1 munge ip6 hoplimit dec
tc filter add dev eth0 ingress protocol ip prio 5 u32 match u32 0 0 action pedit munge offset -14 u16 set 1 munge offset 4 u32 set 0x1 retain 0xff00 munge offset 9 u8 at 0 0f 2 set 1
tc filter show dev eth0 ingress
tc -j filter show dev eth0 ingress
tc -s filter show dev eth0 ingress prio 1
tc filter del dev eth0 ingress
tc filter add dev eth0 ingress protocol ip prio 1 u32 match u32 0 0 action csum ip4h and icmp and tcp and udp pipe index 7
tc filter add dev eth0 ingress protocol ip prio 2 u32 match u32 0 0 action nat ingress 10.0.0.0/24 192.168.1.0 pipe
tc filter add dev eth0 ingress protocol ip prio 3 u32 match u32 0 0 action nat egress 192.168.1.1/32 10.0.0.1 action drop
tc filter add dev eth0 ingress protocol ip prio 4 u32 match u32 0 0 action vlan push protocol 802.1ad id 5 priority 3 pipe action vlan pop index 9 action vlan modify id 100
tc filter add dev eth0 ingress protocol ip prio 5 u32 match u32 0 0 action vlan push_eth dst_mac 02:11:22:33:44:55 src_mac 02:11:22:33:44:66 action vlan pop_eth
tc filter add dev eth0 ingress protocol ip prio 6 u32 match u32 0 0 action skbedit mark 0x10/0xf0 priority 1:2 ptype host queue_mapping 0 pass
tc filter add dev eth0 ingress protocol ip prio 7 u32 match u32 0 0 action skbedit inheritdsfield index 4
tc filter show dev eth0 ingress
tc -j filter show dev eth0 ingress
tc -s filter show dev eth0 ingress prio 2
tc actions ls action csum
tc -j actions ls action nat
tc actions get action skbedit index 4
