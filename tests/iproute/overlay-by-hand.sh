for n in h1 h2; do ip netns add $n; done
ip link add u1 netns h1 type veth peer name u2 netns h2
ip -n h1 addr add 192.0.2.1/24 dev u1
ip -n h2 addr add 192.0.2.2/24 dev u2
ip -n h1 link set u1 up
ip -n h2 link set u2 up
ip -n h1 link add vx0 address 02:00:00:00:00:01 type vxlan id 42 local 192.0.2.1 dstport 4789 dev u1 nolearning
ip -n h2 link add vx0 address 02:00:00:00:00:02 type vxlan id 42 local 192.0.2.2 dstport 4789 dev u2 nolearning
ip -n h1 addr add 10.42.0.1/24 dev vx0
ip -n h2 addr add 10.42.0.2/24 dev vx0
ip -n h1 link set vx0 up mtu 1450
ip -n h2 link set vx0 up mtu 1450
bridge -n h1 fdb append 00:00:00:00:00:00 dev vx0 dst 192.0.2.2
bridge -n h1 fdb add 02:00:00:00:00:02 dev vx0 dst 192.0.2.2
bridge -n h1 fdb show dev vx0 | sort
ip -n h1 neigh add 10.42.0.2 lladdr 02:00:00:00:00:02 dev vx0 nud permanent
ip -n h1 -d link show vx0 | grep -o 'vxlan id 42.*dstport 4789'
ip -n h1 -d -j link show vx0 | grep -o '"info_kind":"vxlan"'
ip -n h1 link show type vxlan | grep -c vx0
ip -n h1 route get 10.42.0.2
bridge -n h1 fdb del 02:00:00:00:00:02 dev vx0 dst 192.0.2.2
bridge -n h1 fdb del 02:00:00:00:00:02 dev vx0 dst 192.0.2.2
ip -n h1 link del vx0
ip -n h1 link del vx0
