tc qdisc add dev eth0 handle ffff: ingress
tc qdisc show dev eth0
tc -j qdisc show dev eth0
tc filter add dev eth0 parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev eth2
tc filter add dev eth0 parent ffff: protocol ip prio 2 u32 match ip dst 10.0.0.1/32 action mirred egress mirror dev eth2 pipe action mirred ingress redirect dev eth1
tc filter show dev eth0 parent ffff:
tc filter show dev eth0 ingress
tc -s filter show dev eth0 ingress
tc -j filter show dev eth0 parent ffff:
tc -j -s -d filter show dev eth0 parent ffff:
tc filter del dev eth0 parent ffff: protocol ip prio 2
tc filter show dev eth0 ingress
tc qdisc add dev eth0 ingress
tc qdisc del dev eth0 ingress
tc qdisc add dev eth0 ingress
tc qdisc del dev eth0 parent ffff:
tc qdisc show dev eth0
