ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip link set lo up
ip addr add 10.0.0.1/24 dev v0
ip nexthop add id 1 via 10.0.0.2 dev v0
ip nexthop add id 2 dev v1
ip nexthop add id 5 via 10.0.0.5 dev v0
ip nexthop add id 3 group 1,5/5
ip nexthop add id 4 blackhole
ip nexthop add id 6 via fe80::1 dev v0 onlink
ip nexthop replace id 5 via 10.0.0.6 dev v0
ip nexthop
ip -j nexthop
ip -d nexthop
ip nexthop show id 1
ip nexthop get id 3
ip nexthop show dev v0
ip nexthop show groups
ip route add 10.50.0.0/16 nhid 3
ip route add 10.51.0.0/16 nhid 4
ip route
ip nexthop del id 5
ip route
ip nexthop del id 99
ip nexthop add id 9 via 10.0.0.2
ip nexthop add id 9 garbage
ip nexthop add id 9 group 77
ip nexthop add id 1 via 10.0.0.2 dev v0
ip nexthop frobnicate
ip nexthop flush
ip nexthop
