tc qdisc add dev eth0 ingress_block 22 ingress
tc qdisc add dev eth2 ingress_block 22 egress_block 23 clsact
tc qdisc show dev eth0
tc -j qdisc show dev eth2
tc filter add block 22 protocol ip prio 5 u32 match ip dst 192.168.0.0/16 action mirred egress redirect dev eth1
tc filter show block 22
tc -j filter show block 22
tc filter show dev eth0 ingress
tc filter add dev eth0 ingress protocol ip u32 match u32 0 0 flowid 1:1
tc filter add block 22 chain 3 protocol ip prio 6 u32 match u32 0 0 flowid 1:1
tc filter show block 22 chain 3
tc chain show block 22
tc chain add block 23 chain 4
tc chain show block 23
tc filter del block 22 prio 5
tc filter show block 22
tc filter show block 24
tc filter add block 24 protocol ip u32 match u32 0 0 flowid 1:1
tc filter add block x protocol ip u32 match u32 0 0 flowid 1:1
tc filter add block 22 dev eth0 protocol ip u32 match u32 0 0 flowid 1:1
tc qdisc add dev eth1 ingress_block 0 clsact
tc qdisc add dev eth1 ingress_block x clsact
tc qdisc add dev eth1 clsact ingress_block 1
tc qdisc del dev eth0 ingress
tc filter show block 22
