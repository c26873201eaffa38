for n in r a b; do ip netns add $n; ip -n $n link set lo up; done
ip link add ra netns r type veth peer name eth0 netns a
ip link add rb netns r type veth peer name eth0 netns b
ip -n r addr add 192.168.1.1/24 dev ra
ip -n r addr add 192.168.2.1/24 dev rb
ip -n a addr add 192.168.1.2/24 dev eth0
ip -n b addr add 192.168.2.2/24 dev eth0
ip -n r link set ra up; ip -n r link set rb up; ip -n a link set eth0 up; ip -n b link set eth0 up
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
ip -n a route add 192.168.2.0/24 via 192.168.1.1
ip -n b route add default via 192.168.2.1 dev eth0 src 192.168.2.2
ip -n a route
ip -n b route show
ip -n r route show dev ra
ip -n r -j route | tr ',' '\n' | grep dst
ip -n r route get 192.168.2.2 from 192.168.1.2 iif ra
ip -n a neigh add 192.168.1.1 lladdr 02:00:00:00:00:01 dev eth0
ip -n a neigh show 192.168.1.1
ip -n r netconf show dev ra | grep -o 'forwarding [a-z]*'
ip -n a route replace 192.168.2.0/24 via 192.168.1.1 metric 20
ip -n a route del 192.168.2.0/24 metric 20
ip -n a route show 192.168.2.0/24
ip -n a route del 192.168.2.0/24
ip -n a route del 192.168.2.0/24
ip netns pids a
ip -n nope route
