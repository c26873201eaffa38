ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip addr add 2001:db8::1/64 dev v0 nodad
ip -6 route add default via 2001:db8::2
ip -6 route add 2001:db8:1::/48 via 2001:db8::3 metric 50
ip route add 2001:db8:2::/48 dev v0 proto static
ip -6 route add blackhole 2001:db8:dead::/48
ip -6 route add unreachable 2001:db8:beef::/48
ip -6 route add 2001:db8:3::/48 via fe80::1 dev v0
ip -6 route add 2001:db8:4::/48 nexthop via fe80::1 dev v0 nexthop via fe80::2 dev v1 weight 2
ip -6 route add 2001:db8:5::/48 via 2001:db8::3 table 100
ip -6 route add 2001:db8:6::/48 via 2001:db8::3 mtu 1400 pref high
ip -6 route add 2001:db8:7::/48 from 2001:db8:9::/48 via 2001:db8::3
ip -6 route
ip -6 -j route
ip -6 route show table 100
ip -6 route get 2001:db8:1::5
ip -6 route get 2001:db8::1
ip -6 -j route get 2001:db8:3::1
ip -6 route get 2001:db8:dead::1
ip -6 route append 2001:db8:1::/48 via 2001:db8::7 metric 50
ip -6 route replace default via 2001:db8::4
ip -6 route del 2001:db8:4::/48
ip -6 route
ip -6 route flush table 100
ip -6 route show table 100
