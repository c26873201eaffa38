tc qdisc add dev eth0 clsact
tc chain add dev eth0 ingress
tc chain add dev eth0 ingress chain 5
tc chain add dev eth0 ingress chain 5
tc chain show dev eth0 ingress
tc -j chain show dev eth0 ingress
tc filter add dev eth0 ingress chain 7 protocol ip prio 1 u32 match ip dst 10.0.0.0/8 action mirred egress redirect dev eth2
tc filter add dev eth0 ingress chain 7 protocol ip prio 2 u32 match ip dst 11.0.0.0/8 action mirred egress mirror dev eth2
tc filter show dev eth0 ingress
tc filter show dev eth0 ingress chain 7
tc chain list dev eth0 ingress
tc chain get dev eth0 ingress chain 5
tc chain del dev eth0 ingress chain 5
tc chain del dev eth0 ingress chain 9
tc chain show dev eth0 ingress
tc filter del dev eth0 ingress chain 7
tc chain del dev eth0 ingress
tc chain show dev eth0
tc chain show
tc chain
tc chain foo
tc chain add dev nodev ingress chain 5
tc chain change dev eth0 ingress chain 5
tc chain add dev eth0 ingress chain x
tc chain show dev eth0 ingress foo
