ip link del v0 2>/dev/null || true
ip netns del app 2>/dev/null || true
ip netns add app
ip link add v0 type veth peer name v1
ip link set v1 netns app
ip addr add 172.16.0.1/30 dev v0
ip link set v0 up
ip netns exec app ip addr add 172.16.0.2/30 dev v1
ip netns exec app ip link set v1 up
ip netns exec app ip link set lo up
ip netns exec app ip route add default via 172.16.0.1
ip netns exec app ip route
ip netns exec app ip -4 addr show v1
ip addr replace 172.16.0.1/30 dev v0
ip addr replace 172.16.0.5/30 dev v0
ip -4 -o addr show v0
ip route replace 10.0.0.0/8 via 172.16.0.2
ip route replace 10.0.0.0/8 via 172.16.0.2
ip route
ip link del v0
ip netns del app
ip link show v0
