# lacks: basic
tc filter add dev eth0 parent 1: protocol ip prio 1 basic match 'meta(priority eq 6)' flowid 1:1
tc filter add dev eth0 egress basic match 'cmp(u16 at 3 layer 2 mask 0xff00 gt 20)' action drop
tc filter add dev eth0 parent 1: basic match 'cmp(u16 at 0 layer link mask 0xffff eq 3)' classid 1:1
tc filter add dev eth0 parent 1: basic match 'u32(u16 0x1122 0xffff at nexthdr+4)' classid 1:1
tc filter add dev eth0 parent 1: basic match 'u32(u8 0x11 0xff at 9)' classid 1:1
tc filter add dev eth0 parent 1: basic match 'u32(u32 0x0a000001 0xffffffff at 12)' classid 1:1
tc filter add dev eth0 parent 1: basic match 'nbyte("ababa" at 12 layer 1)' classid 1:1
tc filter add dev eth0 parent 1: basic match 'meta(nf_mark eq 1)' classid 1:1
tc filter add dev eth0 parent 1: basic match 'not meta(random mask 0x1 eq 1)' classid 1:1
tc filter add dev eth0 parent 1: basic classid 1:1
tc filter add dev eth0 parent 1: basic
tc filter add dev eth0 parent 1: basic foo
tc filter add dev eth0 parent 1: handle 5 basic classid 1:1
tc filter add dev eth0 parent 1: handle x basic classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 basic action drop
tc filter add dev eth0 parent 1: protocol ip prio 100 route to 10 classid 1:10
tc filter add dev eth0 parent 1: protocol ip prio 100 route from 10 to 3 classid 1:10
tc filter add dev eth0 parent 1: protocol ip route
tc filter add dev eth0 parent 1: protocol ip route foo
tc filter add dev eth0 parent 1: protocol ip handle 0xffff0001 route classid 1:1
tc filter add dev eth0 parent 1: protocol ip route from x classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 route to 5 classid 1:1 action drop
tc filter add dev eth0 parent 1: protocol ip prio 1 route to 5 classid 1:1 police rate 1mbit burst 10k
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 6 fw classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 6 fw
tc filter add dev eth0 parent 1: protocol ip prio 1 fw
tc filter add dev eth0 parent 1: protocol ip prio 1 fw classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 0x10/0xf0 fw classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 0x10/0xf0 fw
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 6 fw classid 1:1 indev e0 action drop
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 6 fw police rate 1mbit burst 10k drop
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 6 fw foo
tc filter add dev eth0 parent 1: bpf bytecode '1,6 0 0 4294967295,' flowid 1:1
tc filter add dev eth0 parent 1: bpf bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 65535,6 0 0 0,' flowid 1:1
tc filter add dev eth0 parent 1: bpf bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 65535,6 0 0 0' direct-action
tc filter add dev eth0 egress bpf obj
tc filter add dev eth0 egress bpf foo
tc filter add dev eth0 egress bpf
tc filter add dev eth0 egress bpf bytecode '2,6 0 0 1,' flowid 1:1
tc filter add dev eth0 egress bpf bytecode 'x'
tc filter add dev eth0 egress bpf da pinned /sys/fs/bpf/nope
tc filter add dev eth0 egress bpf bytecode '1,6 0 0 1,' action drop
tc filter add dev eth0 parent 1: handle 1: cgroup
tc filter add dev eth0 parent 1: protocol ip prio 10 handle 1 cgroup
tc filter add dev eth0 parent 1: cgroup
tc filter add dev eth0 parent 1: handle 1 cgroup match 'meta(priority eq 6)'
tc filter add dev eth0 parent 1: handle 1 cgroup action drop
tc filter add dev eth0 parent 1: handle 1 cgroup foo
tc filter add dev eth0 parent 1: handle 1 flow hash keys src,dst,proto,proto-src,proto-dst divisor 1024
tc filter add dev eth0 parent 1: protocol all prio 1 handle 1 flow hash keys nfct-src divisor 1024 perturb 10
tc filter add dev eth0 parent 1: handle 1 flow map key dst addend -192.168.0.0 divisor 256
tc filter add dev eth0 parent 1: handle 1 flow map key dst and 0xff
tc filter add dev eth0 parent 1: handle 1 flow map key mark rshift 1 baseclass 1:1
tc filter add dev eth0 parent 1: handle 1 flow hash keys foo
tc filter add dev eth0 parent 1: handle 1 flow foo
tc filter add dev eth0 parent 1: handle 1 tcindex mask 0xfc shift 2 pass_on
tc filter add dev eth0 parent 1: handle 1 tcindex classid 1:1
tc filter add dev eth0 egress protocol all matchall
tc filter add dev eth0 egress matchall action drop
tc filter add dev eth0 egress matchall foo
tc filter add dev eth0 egress prio x matchall
tc filter add dev eth0 egress prio 70000 matchall
tc filter add dev eth0 egress flower
tc filter add dev eth0 egress flower foo
tc filter add dev eth0 egress protocol ip flower ip_proto tcp dst_port 80 action drop
tc filter add dev eth0 egress protocol ip flower ip_proto tcp dst_port 80-90 action drop
tc filter add dev eth0 egress protocol ip flower ip_proto udp src_port 53 dst_ip 10.0.0.0/24 src_ip 10.0.0.1 hw_tc 1
tc filter add dev eth0 egress protocol ip flower dst_port 80
tc filter add dev eth0 egress protocol ip flower ip_proto tcp tcp_flags 0x2/0x3
tc filter add dev eth0 egress protocol ip flower ip_tos 0x10/0xff ip_ttl 64
tc filter add dev eth0 egress protocol 802.1Q flower vlan_id 100 vlan_prio 2 vlan_ethtype ip dst_ip 1.1.1.1
tc filter add dev eth0 egress protocol 802.1ad flower vlan_id 100 vlan_ethtype 802.1q cvlan_id 200 cvlan_prio 3 cvlan_ethtype ipv4
tc filter add dev eth0 egress protocol ip flower enc_key_id 100 enc_dst_ip 10.0.0.1 enc_src_ip 10.0.0.2 enc_dst_port 4789 enc_tos 1 enc_ttl 2
tc filter add dev eth0 egress protocol ip flower ct_state +trk+est ct_zone 1 ct_mark 0x1/0xff ct_label 0x1234
tc filter add dev eth0 egress protocol ip flower ct_state -trk
tc filter add dev eth0 egress protocol mpls_uc flower mpls_label 100 mpls_tc 1 mpls_bos 1 mpls_ttl 64
tc filter add dev eth0 egress protocol arp flower arp_op request arp_tip 10.0.0.1 arp_sha 00:11:22:33:44:55
tc filter add dev eth0 egress protocol ip flower ip_flags nofrag/firstfrag
tc filter add dev eth0 egress protocol ip flower ip_proto icmp type 8 code 0
tc filter add dev eth0 egress protocol ipv6 flower ip_proto icmpv6 type 128 dst_ip fe80::1
tc filter add dev eth0 egress protocol ip flower dst_mac 00:11:22:33:44:55/ff:ff:ff:00:00:00 src_mac 02:00:00:00:00:01
tc filter add dev eth0 egress protocol ip flower indev e0 skip_hw verbose
tc filter add dev eth0 egress protocol ip flower num_of_vlans 2
tc filter add dev eth0 egress protocol ip flower l2_miss 1
tc filter add dev eth0 egress protocol ip flower dst_ip x
tc filter add dev eth0 egress protocol ip flower ip_proto foo
tc filter add dev eth0 egress protocol ip flower vlan_id 100
tc filter add dev eth0 egress protocol ip flower ip_proto sctp dst_port 80
tc filter add dev eth0 egress protocol ip flower ip_proto 6
tc filter add dev eth0 egress protocol 802.1Q flower vlan_id 5000
tc filter add dev eth0 egress protocol ip flower ip_proto tcp dst_port x
tc filter add dev eth0 egress protocol ip flower action
tc filter add dev eth0 egress protocol ip flower classid 1:1
tc filter add dev eth0 egress protocol ip handle 5 flower dst_ip 1.1.1.1 action pass
tc filter add dev eth0 parent 1: bogus
tc filter add dev eth0 parent 1: bogus x
tc filter add dev eth0 parent 1: protocol ip prio 1 u32
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 foo
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 ht 800: match ip dst 1.1.1.1 flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 1: u32 divisor 256
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 ht 800:: match ip dst 1.0.0.0/8 hashkey mask 0x000000ff at 16 link 1:
