ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 brd + dev v0
ip addr add fd00::1/64 dev v0 nodad
ip link set v1 up
ip link set v0 up
ip route add default via 10.0.0.9
ip route add 10.8.0.0/16 nexthop via 10.0.0.8 nexthop via 10.0.0.7
ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev v0
ip rule add from 10.0.0.0/8 to 10.1.0.0/16 iif v0 table 5
ip -c -4 addr show v0 | grep inet
ip -c -o -4 addr show v0
ip -c route
ip -c neigh show nud permanent
ip -c rule
ip -c route get 10.9.0.1
ip -c=never route
ip -c=auto route
ip -color=always route show default
ip -j -c route
ip -c=nosuch route
ip -c link show nope
