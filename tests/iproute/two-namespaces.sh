ip netns add red
ip netns add blue
ip netns
ip link add veth-red type veth peer name veth-blue
ip link set veth-red netns red
ip link set veth-blue netns blue
ip -n red addr add 192.168.15.1/24 dev veth-red
ip -n blue addr add 192.168.15.2/24 dev veth-blue
ip -n red link set veth-red up
ip -n blue link set veth-blue up
ip -n red link set lo up
ip netns exec red ip -4 addr
ip netns exec blue ip -4 route
ip -n red -4 -o addr
ip netns exec red ip link show lo
ip -n red link del veth-red
ip netns del red
ip netns list
