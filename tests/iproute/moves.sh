ip netns add far
ip link add v0 type veth peer name v1
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
ip link set v1 netns far
ip link show v0
ip -n far link show v1
ip -n far link set v1 name eth0
ip -n far link set eth0 up
ip -n far addr add 10.0.0.2/24 dev eth0
ip -n far -4 addr
ip -n far route
ip link set v0 netns far name moved
ip link show v0
ip -n far link
ip link set nope netns far
ip -n far link set eth0 netns 1
ip link show eth0
ip link add e0 type veth peer name e0 netns far
ip -n far link show e0
ip link del e0
ip -n far link show e0
