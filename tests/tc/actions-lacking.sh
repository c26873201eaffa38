# lacks: pedit
tc qdisc add dev eth0 clsact
tc filter add dev eth0 egress u32 match u32 0 0 action pass random netrand drop 10
tc filter add dev eth0 egress u32 match u32 0 0 action drop
tc filter add dev eth0 egress u32 match u32 0 0 action pipe action drop
tc filter add dev eth0 egress u32 match u32 0 0 action drop no_percpu
tc filter add dev eth0 egress u32 match u32 0 0 action drop cookie d0d0d0d0
tc filter add dev eth0 egress u32 match u32 0 0 action drop hw_stats immediate
tc filter add dev eth0 egress u32 match u32 0 0 action drop skip_hw
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit mark 1 priority 1:2 queue_mapping 3
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit ptype host
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit inheritdsfield
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit mark 0x10/0xf0 pass
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit queue_mapping skbhash 2 6
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit foo
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit mark x
tc filter add dev eth0 egress u32 match u32 0 0 action skbedit mark 1 index 7
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip ttl set 3
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge ip ttl set 3
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge ip ttl dec 1
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge ip ttl add 255 pipe action csum ip
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge ip dst set 10.0.0.1 pipe
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip src set 10.0.0.1 munge ip tos set 0x10
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip dsfield set 0x10 retain 0xfc
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip protocol set 6 munge ip ihl set 5
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip nofrag set 1 munge ip precedence set 2
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip sport set 80 munge ip dport set 90
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge tcp dport set 8080 munge tcp sport add 1
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge tcp flags set 2
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge tcp dport set 8080
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge udp sport set 1 munge udp dport set 2
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge eth dst set 00:11:22:33:44:55
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge eth src set 00:11:22:33:44:55 munge eth type set 0x800
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge eth dst set 00:11:22:33:44:55
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge ip6 dst set fe80::1 munge ip6 hoplimit set 3
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge ip6 src set fe80::1 munge ip6 traffic_class set 3 munge ip6 flow_lbl set 3 munge ip6 payload_len set 3 munge ip6 nexthdr set 6
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge vlan priority set 3 munge vlan id set 5
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge offset 0 u8 set 0x10
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge offset 2 u16 invert
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge offset 4 u32 set 0x1 retain 0xff00
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge offset 4 u32 clear
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge offset -14 u16 set 1
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge offset 9 u8 at 0 0f 2 set 1
tc filter add dev eth0 egress u32 match u32 0 0 action pedit ex munge icmp type set 1
tc filter add dev eth0 egress u32 match u32 0 0 action pedit
tc filter add dev eth0 egress u32 match u32 0 0 action pedit foo
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge foo
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip foo set 1
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip ttl foo 1
tc filter add dev eth0 egress u32 match u32 0 0 action pedit munge ip ttl add 1
tc filter add dev eth0 egress u32 match u32 0 0 action vlan pop
tc filter add dev eth0 egress u32 match u32 0 0 action vlan push id 5
tc filter add dev eth0 egress u32 match u32 0 0 action vlan push protocol 802.1ad id 5 priority 3 pipe
tc filter add dev eth0 egress u32 match u32 0 0 action vlan modify id 5 index 3
tc filter add dev eth0 egress u32 match u32 0 0 action vlan push
tc filter add dev eth0 egress u32 match u32 0 0 action vlan
tc filter add dev eth0 egress u32 match u32 0 0 action vlan foo
tc filter add dev eth0 egress u32 match u32 0 0 action vlan pop_eth
tc filter add dev eth0 egress u32 match u32 0 0 action vlan push_eth dst_mac 00:11:22:33:44:55 src_mac 00:11:22:33:44:66
tc filter add dev eth0 egress u32 match u32 0 0 action vlan push id 5000
tc filter add dev eth0 egress u32 match u32 0 0 action vlan pop reclassify
tc filter add dev eth0 egress u32 match u32 0 0 action csum ip
tc filter add dev eth0 egress u32 match u32 0 0 action csum ip4h and tcp and udp
tc filter add dev eth0 egress u32 match u32 0 0 action csum ip, tcp pipe
tc filter add dev eth0 egress u32 match u32 0 0 action csum
tc filter add dev eth0 egress u32 match u32 0 0 action csum foo
tc filter add dev eth0 egress u32 match u32 0 0 action csum tcp index 9
tc filter add dev eth0 egress u32 match u32 0 0 action nat ingress 1.1.1.1 2.2.2.2
tc filter add dev eth0 egress u32 match u32 0 0 action nat egress 10.0.0.0/24 2.2.2.2 pipe
tc filter add dev eth0 egress u32 match u32 0 0 action nat
tc filter add dev eth0 egress u32 match u32 0 0 action nat foo
tc filter add dev eth0 egress u32 match u32 0 0 action nat ingress
tc filter add dev eth0 egress u32 match u32 0 0 action nat ingress 1.1.1.1
tc filter add dev eth0 egress u32 match u32 0 0 action nat ingress x 2.2.2.2
tc filter add dev eth0 egress u32 match u32 0 0 action nat egress any 2.2.2.2 index 4
tc filter add dev eth0 egress u32 match u32 0 0 action connmark
tc filter add dev eth0 egress u32 match u32 0 0 action connmark zone 5 pipe
tc filter add dev eth0 egress u32 match u32 0 0 action connmark foo
tc filter add dev eth0 egress u32 match u32 0 0 action connmark continue index 3
tc filter add dev eth0 egress u32 match u32 0 0 action ct
tc filter add dev eth0 egress u32 match u32 0 0 action ct clear
tc filter add dev eth0 egress u32 match u32 0 0 action ct commit zone 5 mark 0x1/0xff nat src addr 10.0.0.1 port 1000-2000
tc filter add dev eth0 egress u32 match u32 0 0 action ct zone 5 nat pipe action goto chain 1
tc filter add dev eth0 egress u32 match u32 0 0 action ct commit force label 0x1234/0xffff
tc filter add dev eth0 egress u32 match u32 0 0 action ct commit nat dst addr 10.0.0.1-10.0.0.5
tc filter add dev eth0 egress u32 match u32 0 0 action ct foo
tc filter add dev eth0 egress u32 match u32 0 0 action tunnel_key unset
tc filter add dev eth0 egress u32 match u32 0 0 action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 100 dst_port 4789
tc filter add dev eth0 egress u32 match u32 0 0 action tunnel_key set src_ip fe80::1 dst_ip fe80::2 id 100 nocsum tos 3 ttl 4 pipe
tc filter add dev eth0 egress u32 match u32 0 0 action tunnel_key set src_ip 10.0.0.1 dst_ip 10.0.0.2 id 1 nofrag csum index 3
tc filter add dev eth0 egress u32 match u32 0 0 action tunnel_key set
tc filter add dev eth0 egress u32 match u32 0 0 action tunnel_key
tc filter add dev eth0 egress u32 match u32 0 0 action tunnel_key foo
tc filter add dev eth0 egress u32 match u32 0 0 action tunnel_key set src_ip x
tc filter add dev eth0 egress u32 match u32 0 0 action sample rate 100 group 1
tc filter add dev eth0 egress u32 match u32 0 0 action sample rate 100 group 1 trunc 128 pipe index 3
tc filter add dev eth0 egress u32 match u32 0 0 action sample
tc filter add dev eth0 egress u32 match u32 0 0 action sample foo
tc filter add dev eth0 egress u32 match u32 0 0 action sample rate 100
tc filter add dev eth0 egress u32 match u32 0 0 action bpf bytecode '1,6 0 0 4294967295,'
tc filter add dev eth0 egress u32 match u32 0 0 action bpf bytecode '1,6 0 0 4294967295,' pass index 5
tc filter add dev eth0 egress u32 match u32 0 0 action bpf
tc filter add dev eth0 egress u32 match u32 0 0 action bpf foo
tc filter add dev eth0 egress u32 match u32 0 0 action ife encode allow mark dst 02:15:15:15:15:15
tc filter add dev eth0 egress u32 match u32 0 0 action ife encode use mark 12 type 0xFEFE
tc filter add dev eth0 egress u32 match u32 0 0 action ife decode reclassify
tc filter add dev eth0 egress u32 match u32 0 0 action ife
tc filter add dev eth0 egress u32 match u32 0 0 action ife foo
tc filter add dev eth0 egress u32 match u32 0 0 action ife encode use prio 3 use tcindex 4 allow prio index 3
tc filter add dev eth0 egress u32 match u32 0 0 action mpls pop protocol ip
tc filter add dev eth0 egress u32 match u32 0 0 action mpls push protocol mpls_uc label 123 tc 1 ttl 64 bos 1
tc filter add dev eth0 egress u32 match u32 0 0 action mpls modify label 5
tc filter add dev eth0 egress u32 match u32 0 0 action mpls dec_ttl
tc filter add dev eth0 egress u32 match u32 0 0 action mpls mac_push label 12
tc filter add dev eth0 egress u32 match u32 0 0 action mpls pop
tc filter add dev eth0 egress u32 match u32 0 0 action mpls push
tc filter add dev eth0 egress u32 match u32 0 0 action mpls
tc filter add dev eth0 egress u32 match u32 0 0 action mpls foo
tc filter add dev eth0 egress u32 match u32 0 0 action mpls push label 9999999
tc filter add dev eth0 egress u32 match u32 0 0 action ctinfo dscp 0xfc000000 0x01000000
tc filter add dev eth0 egress u32 match u32 0 0 action ctinfo cpmark 0xff zone 3
tc filter add dev eth0 egress u32 match u32 0 0 action ctinfo
tc filter add dev eth0 egress u32 match u32 0 0 action ctinfo dscp 1
tc filter add dev eth0 egress u32 match u32 0 0 action ctinfo foo
tc filter add dev eth0 egress u32 match u32 0 0 action skbmod set dmac 02:12:13:14:15:16
tc filter add dev eth0 egress u32 match u32 0 0 action skbmod set smac 02:12:13:14:15:16 set etype 0xBEEF pipe index 4
tc filter add dev eth0 egress u32 match u32 0 0 action skbmod swap mac
tc filter add dev eth0 egress u32 match u32 0 0 action skbmod ecn
tc filter add dev eth0 egress u32 match u32 0 0 action skbmod
tc filter add dev eth0 egress u32 match u32 0 0 action skbmod foo
tc filter add dev eth0 egress u32 match u32 0 0 action simple sdata "hello"
tc filter add dev eth0 egress u32 match u32 0 0 action simple sdata hello index 3 pipe
tc filter add dev eth0 egress u32 match u32 0 0 action simple
tc filter add dev eth0 egress u32 match u32 0 0 action gate clockid CLOCK_TAI sched-entry open 200000000 -1 -1 sched-entry close 100000000
tc filter add dev eth0 egress u32 match u32 0 0 action police rate 1mbit burst 10k drop
tc filter add dev eth0 egress u32 match u32 0 0 action police rate 1mbit burst 10k mtu 64kb conform-exceed drop/pass
tc filter add dev eth0 egress u32 match u32 0 0 action police pkts_rate 1000 pkts_burst 200 drop
tc filter add dev eth0 egress u32 match u32 0 0 action police avrate 1mbit drop
tc filter add dev eth0 egress u32 match u32 0 0 action police rate 1mbit burst 10k peakrate 2mbit mtu 2k drop
tc filter add dev eth0 egress u32 match u32 0 0 action police rate 1mbit
tc filter add dev eth0 egress u32 match u32 0 0 action police burst 10k
tc filter add dev eth0 egress u32 match u32 0 0 action police
tc filter add dev eth0 egress u32 match u32 0 0 action police foo
tc filter add dev eth0 egress u32 match u32 0 0 action police index 3
tc filter add dev eth0 egress u32 match u32 0 0 action police rate 1mbit burst 10k conform-exceed continue
tc filter add dev eth0 egress u32 match u32 0 0 action police rate 1mbit burst 10k conform-exceed goto
tc filter add dev eth0 egress u32 match u32 0 0 action police rate 1mbit burst 10k action drop/pass
tc filter add dev eth0 egress u32 match u32 0 0 action police rate 1mbit burst 10k overhead 4 linklayer atm mpu 60
