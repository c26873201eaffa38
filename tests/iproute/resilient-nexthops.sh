ip link add v type veth peer name w
ip addr add 172.16.1.1/24 dev v
ip link set v up
ip link set w up
ip nexthop add id 1 via 172.16.1.2 dev v
ip nexthop add id 2 via 172.16.1.3 dev v
ip nexthop add id 101 group 1 type resilient buckets 8
ip nexthop get id 101
ip -j nexthop get id 101
ip -d nexthop ls id 101
ip nexthop add id 102 group 1,3/2 type resilient buckets 4 idle_timer 100 unbalanced_timer 5
ip nexthop ls id 102
ip nexthop add id 103 group 1/2 type mpath
ip -j -p nexthop ls
ip nexthop bucket list id 102 | sed 's/idle_time [0-9.]*/idle_time N/'
ip -j nexthop bucket list id 102 | sed 's/"idle_time":[0-9.]*/"idle_time":N/g'
ip nexthop bucket list | wc -l
ip nexthop bucket list nhid 1 | wc -l
ip nexthop bucket list dev v | wc -l
ip nexthop bucket | wc -l
ip nexthop bucket show id 999
ip nexthop bucket get id 102 index 1 | sed 's/idle_time [0-9.]*/idle_time N/'
ip nexthop bucket get id 102 > /dev/null 2> /dev/null
ip nexthop bucket get id 102 index 99
ip nexthop bucket list nosuch
ip nexthop bucket nosuch
ip nexthop add id 104 group 1 buckets 4
ip nexthop add id 104 group 1 type nosuch
ip nexthop add id 104 group 1 type resilient buckets 131072
ip nexthop add id 104 group 1 type resilient buckets 0
ip nexthop add id 104 group 1 type resilient buckets x
ip nexthop add id 104 group 1 type resilient buckets 4 idle_timer 1.5
ip nexthop add id 104 group 1 type resilient idle_timer 4
ip nexthop add id 104 group 1 type resilient buckets 2 unbalanced_timer 4294967295
ip nexthop replace id 102 group 1/2 type resilient buckets 4 idle_timer 7
ip nexthop ls group
ip nexthop ls groups
ip nexthop ls vrf v
ip nexthop ls vrf nosuch
ip nexthop add id 104 group 1 dev v
ip nexthop add id 107 encap ip id 5 dst 10.0.0.1 via 172.16.1.2 dev v
ip nexthop get id 107
ip -j nexthop get id 107
ip nexthop add id 108 encap seg6 mode encap segs fc00::1 via 172.16.1.2 dev v
ip nexthop get id 108
ip nexthop add id 1
ip nexthop flush id 108
ip nexthop flush id 108
ip nexthop flush proto static
ip nexthop flush groups
ip nexthop add id 5 via 172.16.1.5 dev v proto 77
ip nexthop flush proto 77
ip nexthop flush
ip nexthop flush
