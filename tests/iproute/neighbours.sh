ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip addr add 10.0.0.1/24 dev v0
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:03 dev v0 nud permanent
ip neigh add 10.0.0.4 lladdr 02:00:00:00:00:04 dev v0 nud noarp
ip neigh add 2001:db8::5 lladdr 02:00:00:00:00:05 dev v1 router
ip neigh add proxy 10.0.0.9 dev v0
ip -6 neigh add proxy 2001:db8::9 dev v1
ip neigh replace 10.0.0.2 lladdr 02:00:00:00:00:22 dev v0
ip neigh change 10.0.0.3 lladdr 02:00:00:00:00:33 dev v0
ip neigh show dev v0
ip -4 neigh
ip -6 neigh show nud permanent
ip -j neigh show 10.0.0.2
ip neigh show proxy
ip neigh get 10.0.0.2 dev v0
ip neigh del 10.0.0.2 dev v0
ip neigh del proxy 10.0.0.9 dev v0
ip neigh flush dev v0
ip neigh flush dev v0 nud permanent
ip neigh show dev v0
ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev v0 extern_learn
ip neigh show nud noarp | grep -v '^ff02'
ip -4 neigh show nud all | sort
ip -br neigh show dev v0 | grep -v '^fe80' | sort
