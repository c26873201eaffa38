# needs: flower gact
tc qdisc add dev eth0 clsact
tc filter add dev eth0 ingress protocol ip prio 10 flower dst_ip 10.0.0.0/24 ip_proto tcp dst_port 80 action drop
tc filter add dev eth0 ingress protocol all prio 11 flower src_mac 02:00:00:00:00:01 dst_mac 02:00:00:00:00:02/ff:ff:ff:00:00:00 action pass
tc filter add dev eth0 ingress protocol 802.1Q prio 12 flower vlan_id 10 vlan_prio 3 vlan_ethtype ipv4 src_ip 1.2.3.4 action drop
tc filter add dev eth0 ingress protocol ipv6 prio 13 flower src_ip 2001:db8::/32 dst_ip 2001:db8::1 ip_proto udp src_port 1000-2000 action mirred egress redirect dev eth2
tc filter add dev eth0 ingress protocol ip prio 14 flower ip_proto icmp type 8 code 0 ip_tos 0x10/0xfc ip_ttl 64 action drop
tc filter add dev eth0 ingress protocol arp prio 15 flower arp_op request arp_tip 10.0.0.1 action drop
tc filter add dev eth0 ingress protocol ip prio 16 handle 7 flower indev eth0 ip_proto tcp tcp_flags 0x2/0xff ip_flags frag classid 1:7 skip_hw
tc filter show dev eth0 ingress
tc -d filter show dev eth0 ingress
tc -j filter show dev eth0 ingress
tc filter add dev eth0 ingress protocol ip flower dst_port 80
tc filter add dev eth0 ingress protocol ip flower dst_ip foo
tc filter add dev eth0 ingress protocol ip flower foo
tc filter del dev eth0 ingress protocol ip prio 10
tc filter show dev eth0 ingress protocol ip
