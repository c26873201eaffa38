ip link add docker0 type bridge
ip addr add 172.17.0.1/16 brd + dev docker0
ip link set dev docker0 up
for i in 1 2 3; do ip netns add c$i || exit 1; ip link add veth$i type veth peer name eth0 netns c$i; ip link set veth$i master docker0 up; ip -n c$i addr add 172.17.0.$((i + 1))/16 dev eth0; ip -n c$i link set lo up; ip -n c$i link set eth0 up; ip -n c$i route add default via 172.17.0.1; done
ip -br addr show docker0
ip -br link show master docker0 | awk '{print $1}' | cut -d@ -f1
for i in 1 2 3; do ip netns exec c$i ip -4 -o addr show eth0 | awk '{print $4}'; done
ip -n c1 route get 172.17.0.3
ip -n c1 route get 8.8.8.8
ip netns exec c2 ip route | grep -c default
bridge link show | grep -c 'master docker0'
ip -j link show master docker0 | grep -o '"ifname":"[a-z0-9]*"'
ip link del veth2
ip -n c2 link show eth0
ip -all netns exec ip -o -4 route show default
ip netns del c1
for n in $(ip netns list | awk '{print $1}'); do ip netns del $n; done
ip netns list | wc -l
ip link del docker0
ip link show docker0
