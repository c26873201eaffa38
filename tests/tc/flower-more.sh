# needs: flower matchall gact
tc qdisc add dev eth0 clsact
tc filter add dev eth0 ingress protocol 802.1Q prio 1 flower vlan_id 100 vlan_prio 2 vlan_ethtype ip dst_ip 1.1.1.1 action drop
tc filter add dev eth0 ingress protocol 802.1ad prio 2 flower vlan_id 100 vlan_ethtype 802.1q cvlan_id 200 cvlan_prio 3 cvlan_ethtype ipv4 action drop
tc filter add dev eth0 ingress protocol ip prio 3 flower enc_key_id 100 enc_dst_ip 10.0.0.1 enc_src_ip 10.0.0.2 enc_dst_port 4789 enc_tos 1 enc_ttl 2 action drop
tc filter add dev eth0 ingress protocol ip prio 4 flower ct_state +trk+est ct_zone 1 ct_mark 0x1/0xff action drop
tc filter add dev eth0 ingress protocol ip prio 4 flower ct_state -trk action pass
tc filter add dev eth0 ingress protocol ip prio 5 flower ct_label 0123456789abcdef0123456789abcdef action pass
tc filter add dev eth0 ingress protocol mpls_uc prio 6 flower mpls_label 100 mpls_tc 1 mpls_bos 1 mpls_ttl 64 action drop
tc filter add dev eth0 ingress protocol ip prio 7 flower ip_proto tcp dst_port 80-90 src_port 1000 tcp_flags 0x2/0x3 ip_tos 0x10/0xff ip_ttl 64 action drop
tc filter add dev eth0 ingress protocol ip prio 8 flower verbose indev eth0 skip_hw action drop
tc filter add dev eth0 ingress protocol all prio 9 flower hw_tc 1 action drop
tc filter add dev eth0 ingress protocol arp prio 10 flower arp_op request arp_tip 10.0.0.1 arp_sha 00:11:22:33:44:55 action drop
tc filter show dev eth0 ingress
tc -j filter show dev eth0 ingress
tc filter add dev eth0 ingress protocol ip prio 11 flower vlan_id 100 action drop
tc filter add dev eth0 ingress protocol ip prio 11 flower mpls_label 1 action drop
tc filter add dev eth0 ingress protocol ip prio 11 flower cvlan_id 1 action drop
tc filter add dev eth0 ingress protocol arp prio 11 flower ip_proto tcp action drop
tc filter add dev eth0 ingress protocol arp prio 11 flower dst_ip 1.1.1.1 action drop
tc filter get dev eth0 ingress protocol ip pref 4 handle 1 flower
tc filter del dev eth0 ingress protocol ip pref 4 handle 1 flower
tc filter replace dev eth0 ingress protocol ip pref 4 handle 2 flower ct_state +trk action drop
tc filter change dev eth0 ingress protocol ip pref 4 handle 2 flower ct_state +new+trk action drop
tc filter show dev eth0 ingress pref 4
tc filter del dev eth0 ingress
tc filter show dev eth0 ingress
tc chain add dev eth0 ingress chain 5 protocol ip flower dst_ip 0.0.0.0/24
tc chain show dev eth0 ingress
tc filter add dev eth0 ingress chain 5 protocol ip flower dst_ip 10.0.0.0/24 action drop
tc filter add dev eth0 ingress chain 5 protocol ip flower dst_mac 02:00:00:00:00:01 action drop
tc filter show dev eth0 ingress chain 5
tc -j chain show dev eth0 ingress
