ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip addr add 10.0.0.1/24 dev v0
ip addr add 2001:db8::1/64 dev v0 nodad
ip route add 10.11.0.0/16 via inet6 fe80::5 dev v0
ip route add 10.12.0.0/16 via inet6 2001:db8::9
ip route
ip -j route
ip route get 10.11.0.1
ip route del 10.11.0.0/16
ip route
