ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip addr add 10.0.0.1/24 dev v0
ip addr add 10.1.0.1/24 dev v1
ip route add 10.8.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.1.0.2 dev v1
ip route add default scope global nexthop via 10.0.0.2 dev v0 weight 1 nexthop via 10.1.0.2 dev v1 weight 2
ip route add 10.9.0.0/16 nexthop via 10.77.0.1 dev v0 onlink nexthop dev v1
ip route
ip -j route
ip -p -j route
ip route get 10.8.0.1 fibmatch
ip route del 10.8.0.0/16
ip route
ip route add 10.9.1.0/24 nexthop via 10.0.0.2 weight 0
ip route add 10.9.1.0/24 nexthop via 10.0.0.2 weight 300
ip route add 10.9.1.0/24 nexthop via 10.0.0.2 garbage
ip route add 10.9.1.0/24 nexthop via 99.0.0.2
