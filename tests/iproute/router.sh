ip netns add left
ip netns add router
ip netns add right
ip link add l0 netns left type veth peer name r-l netns router
ip link add r0 netns right type veth peer name r-r netns router
ip -n left addr add 10.1.0.2/24 dev l0
ip -n right addr add 10.2.0.2/24 dev r0
ip -n router addr add 10.1.0.1/24 dev r-l
ip -n router addr add 10.2.0.1/24 dev r-r
for n in left router right; do for l in $(ip -n $n -o link | cut -d: -f2 | cut -d@ -f1); do ip -n $n link set $l up; done; done
ip -n left route add default via 10.1.0.1
ip -n right route add default via 10.2.0.1
ip netns exec router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
ip -n router route
ip -n router -j route
ip -n left route get 10.2.0.2
ip -n router -br addr show scope global
ip -n router netconf show dev r-l
ip -n router -4 netconf
