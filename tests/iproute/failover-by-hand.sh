ip netns add m; ip netns add s; ip netns add client
ip link add br0 type bridge
ip link set br0 up
for n in m s client; do ip link add p-$n type veth peer name eth0 netns $n; ip link set p-$n master br0 up; ip -n $n link set eth0 up; done
ip -n m addr add 10.0.0.2/24 dev eth0
ip -n s addr add 10.0.0.3/24 dev eth0
ip -n client addr add 10.0.0.9/24 dev eth0
ip -n m addr add 10.0.0.100/32 dev eth0 label eth0:vip
ip -n m addr show label 'eth0:*'
ip -n m -br -4 addr show eth0 | awk '{print $3, $4}'
ip -n m addr del 10.0.0.100/32 dev eth0
ip -n s addr add 10.0.0.100/32 dev eth0 label eth0:vip
ip -n s -o addr show label eth0:vip
ip -n s addr add 10.0.0.100/32 dev eth0
ip -n m addr del 10.0.0.100/32 dev eth0
ip link set p-m down
ip link show p-m | grep -c DOWN
ip link set p-m nomaster
ip link show master br0 | grep -c p-
ip -n client neigh replace 10.0.0.100 lladdr 02:00:00:00:00:03 dev eth0 nud stale
ip -n client neigh show 10.0.0.100
ip -n client neigh flush to 10.0.0.100
ip -n client neigh show 10.0.0.100
ip -n s addr flush label 'eth0:*' dev eth0
ip -n s addr flush dev eth0
ip -n s -4 addr show
