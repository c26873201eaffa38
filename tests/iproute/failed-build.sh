ip link add v0 type veth peer name v1
ip link add br0 type bridge
ip link set v0 master br0
ip link add br0 type bridge
ip link set br0 master br0
ip link set v0 name br0
ip addr add 10.0.0.1/24 dev br0
ip addr add 10.0.0.1/24 dev v1
ip route add 10.3.0.0/16 via 10.0.0.9
ip link set v1 up
ip link set br0 up
ip route add 10.3.0.0/16 via 10.0.0.9
ip link del v0
ip route
