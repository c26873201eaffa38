ip netns add n1
ip link add e0 type veth peer name e1 netns n1
ip addr add 10.0.0.1/24 dev e0
ip -6 addr add 2001:db8::1/64 dev e0 nodad
ip -6 addr add fe80::1/64 dev e0 nodad
ip -n n1 addr add 10.0.0.2/24 dev e1
ip -n n1 -6 addr add 2001:db8::2/64 dev e1 nodad
ip link set e0 up
ip -n n1 link set e1 up
ip -n n1 -6 route add default via 2001:db8::1 dev e1
ip -6 route add 2001:db8:1::/48 via 2001:db8::2 dev e0 metric 512
ip -6 route add unreachable 2001:db8:2::/48
ip -6 route add blackhole 2001:db8:3::/48 metric 5
ip -6 route show 2001:db8:1::/48
ip -6 route show type blackhole
ip -6 route get 2001:db8:1::5 | grep -o 'via [^ ]*'
ip -6 route get 2001:db8:2::5
ip -6 addr show dev e0 scope global
ip -4 addr show dev e0
ip -6 -br addr show e0 | awk '{print $3}'
ip -6 neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev e0
ip -6 neigh show 2001:db8::2
ip -6 neigh del 2001:db8::2 dev e0
ip -6 rule add from 2001:db8::/32 table 60 prio 60
ip -6 rule show prio 60
ip -6 route add default via 2001:db8::2 table 60
ip -6 route show table 60
ip -6 addr flush dev e0 scope global
ip -6 addr show dev e0 scope global
ip -6 route show 2001:db8:1::/48
