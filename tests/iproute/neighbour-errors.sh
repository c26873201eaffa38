ip link add v0 type veth peer name v1
ip link set v0 up
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
ip neigh add 10.0.0.3 lladdr zz dev v0
ip neigh add 10.0.0.3 dev nope lladdr 02:00:00:00:00:02
ip neigh add 10.0.0.3
ip neigh add
ip neigh add foo dev v0
ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:02 dev v0 nud sideways
ip neigh add 10.0.0.3 lladdr 02:00:00:00:00:02 dev v0 garbage
ip neigh del 10.0.0.99 dev v0
ip neigh change 10.0.0.99 lladdr 02:00:00:00:00:02 dev v0
ip neigh get 10.0.0.77 dev v0
ip neigh get 10.0.0.2
ip neigh flush
ip neigh show dev nope
ip neigh show nud sideways
ip neigh frobnicate
