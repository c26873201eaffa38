# needs: tunnel_key sample simple bpf_action connmark ctinfo ct mpls_action skbmod police gact
tc qdisc add dev eth0 clsact
tc filter add dev eth0 ingress protocol ip prio 1 u32 match u32 0 0 action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 100 dst_port 4789 nocsum tos 3 ttl 4
tc filter add dev eth0 ingress protocol ip prio 2 u32 match u32 0 0 action tunnel_key unset pipe
tc filter add dev eth0 ingress protocol ip prio 3 u32 match u32 0 0 action sample rate 100 group 5 trunc 128
tc filter add dev eth0 ingress protocol ip prio 4 u32 match u32 0 0 action simple sdata hello
tc filter add dev eth0 ingress protocol ip prio 5 u32 match u32 0 0 action bpf bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 65535,6 0 0 0' index 3
tc filter add dev eth0 ingress protocol ip prio 6 u32 match u32 0 0 action connmark zone 5 pipe
tc filter add dev eth0 ingress protocol ip prio 7 u32 match u32 0 0 action ctinfo dscp 0xfc000000 0x01000000 cpmark 0xff
tc filter add dev eth0 ingress protocol ip prio 8 u32 match u32 0 0 action ct commit zone 5 mark 0x1/0xff nat src addr 10.0.0.1 port 1000-2000
tc filter add dev eth0 ingress protocol ip prio 9 u32 match u32 0 0 action ct clear action ct zone 3 nat pipe
tc filter add dev eth0 ingress protocol ip prio 10 u32 match u32 0 0 action mpls push protocol mpls_uc label 123 tc 1 ttl 64 action mpls pop protocol ip
tc filter add dev eth0 ingress protocol ip prio 11 u32 match u32 0 0 action skbmod set dmac 02:12:13:14:15:16 set etype 0xBEEF action skbmod swap mac
tc filter add dev eth0 ingress protocol ip prio 13 u32 match u32 0 0 action police pkts_rate 1000 pkts_burst 200 drop
tc filter add dev eth0 ingress protocol ip prio 14 u32 match u32 0 0 action police rate 1mbit burst 10k peakrate 2mbit mtu 2k conform-exceed drop/pipe action drop cookie 0123456789abcdef
tc filter add dev eth0 ingress protocol ip prio 16 u32 match u32 0 0 action pass no_percpu
tc filter show dev eth0 ingress
tc -d -s filter show dev eth0 ingress prio 7
tc actions add action gact drop index 100 cookie 0102
tc actions ls action gact
tc -j actions ls action gact
tc -s actions ls action simple
tc actions get action gact index 100
tc actions change action gact pass index 100
tc actions replace action gact pipe random netrand drop 5 index 101
tc actions ls action gact
tc actions del action gact index 100 action gact index 101
tc actions del action gact index 100
tc actions flush action sample
tc actions flush action nothing
