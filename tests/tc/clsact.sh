tc qdisc add dev eth0 clsact
tc qdisc show dev eth0
tc qdisc show dev eth0 clsact
tc filter add dev eth0 ingress prio 1 u32 match u32 0 0 action mirred egress mirror dev eth2
tc filter add dev eth0 egress protocol ip prio 2 u32 match ip src 10.0.0.0/8 action mirred egress redirect dev eth2
tc filter show dev eth0
tc filter show dev eth0 ingress
tc filter show dev eth0 egress
tc -s -d filter show dev eth0 egress
tc -j filter show dev eth0 egress
tc filter add dev eth0 egress chain 3 protocol ip prio 2 u32 match ip src 10.0.0.0/8 action mirred egress redirect dev eth2
tc filter show dev eth0 egress
tc filter show dev eth0 egress chain 3
tc filter del dev eth0 ingress
tc filter del dev eth0 egress prio 2 protocol ip
tc filter show dev eth0 egress
tc qdisc add dev eth0 clsact
tc qdisc del dev eth0 clsact
tc qdisc del dev eth0 clsact
tc filter show dev eth0 ingress
