tc qdisc add dev eth0 root handle 1: htb
tc filter add
tc filter add dev eth0
tc filter add dev nope parent 1: protocol ip u32 match u32 0 0 flowid 1:1
tc filter add dev eth0 parent 1: protocol ip nonsense
tc filter add dev eth0 parent 1: protocol ip nonsense option
tc filter add dev eth0 parent 1: protocol nonsense u32
tc filter add dev eth0 parent 1: protocol ip prio x u32
tc filter add dev eth0 parent 1: protocol ip u32 match
tc filter add dev eth0 parent 1: protocol ip u32 match ip
tc filter add dev eth0 parent 1: protocol ip u32 match foo
tc filter add dev eth0 parent 1: protocol ip u32 match ip dst
tc filter add dev eth0 parent 1: protocol ip u32 match ip dst foo
tc filter add dev eth0 parent 1: protocol ip u32 match ip foo 1
tc filter add dev eth0 parent 1: protocol ip u32 match ip dport x 0xffff
tc filter add dev eth0 parent 1: protocol ip u32 match ip dport 80
tc filter add dev eth0 parent 1: protocol ip u32 foo
tc filter add dev eth0 parent 1: protocol ip u32 match u32 0 0 flowid x
tc filter add dev eth0 parent 1: protocol ip u32 match u32 0 0 action
tc filter add dev eth0 parent 1: protocol ip u32 match u32 0 0 action mirred
tc filter add dev eth0 parent 1: protocol ip u32 match u32 0 0 action mirred egress redirect dev nope
tc filter add dev eth0 parent 1: protocol ip u32 match u32 0 0 action nonsense
tc filter add dev eth0 parent 9: protocol ip prio 1 u32 match u32 0 0 flowid 1:1
tc filter add dev eth0 ingress protocol ip prio 1 u32 match u32 0 0 flowid 1:1
tc filter del dev eth0 parent 1: prio 7
tc filter del dev eth0 prio 7 protocol ip
tc filter change dev eth0 parent 1: protocol ip prio 3 handle 800::5 u32 match u32 0 0 flowid 1:1
tc filter get dev eth0 parent 1:
tc filter show dev nope
tc filter show dev eth0
tc filter foo
