for n in 1 2 3; do ip netns add h$n; done
ip link add v-net-0 type bridge
ip link set dev v-net-0 up
for n in 1 2 3; do ip link add v$n type veth peer name eth0 netns h$n; ip link set v$n master v-net-0; ip link set v$n up; ip -n h$n addr add 10.0.0.$n/24 dev eth0; ip -n h$n link set eth0 up; done
ip addr add 10.0.0.254/24 dev v-net-0
for n in 1 2 3; do ip -n h$n route add default via 10.0.0.254; done
ip link show master v-net-0
ip -br link show type veth
ip -n h1 route
ip -n h2 -j route
ip -d link show v1
ip link set v1 nomaster
ip link show v1
