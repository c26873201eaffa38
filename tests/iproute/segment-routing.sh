ip link add v0 type veth peer name v1
ip link set v0 up
ip addr add 2001:db8::1/64 dev v0 nodad
ip -6 route add 2001:db8:9::/48 via 2001:db8::2 metric 7
ip -6 route show metric 7
ip -6 route
ip route add 10.2.0.0/16 dev v0 encap sideways
ip -6 route del 2001:db8:9::/48
