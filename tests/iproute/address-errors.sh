ip link add v0 type veth peer name v1
ip addr add 10.0.0.1/24 dev v0
ip addr add 10.0.0.1/24 dev v0
ip addr add 10.0.0.1/33 dev v0
ip addr add foo dev v0
ip addr add 10.0.0.2/24
ip addr add 10.0.0.2/24 dev nope
ip addr add 10.0.0.2/24 dev
ip addr add
ip addr add dev v0
ip addr add 10.0.0.2/24 10.0.0.3/24 dev v0
ip addr add 10.0.0.2/24 dev v0 scope sideways
ip addr add 10.0.0.2/24 dev v0 valid_lft soon
ip addr add 10.0.0.2/24 dev v0 valid_lft 10 preferred_lft 20
ip addr add 10.0.0.2/24 dev v0 garbage
ip addr add 2001:db8::1/64 brd + dev v0
ip -6 addr add 10.0.0.2/24 dev v0
ip -4 addr add 2001:db8::1/64 dev v0
ip addr add 10.0.0.300/24 dev v0
ip addr del 10.0.0.9/24 dev v0
ip addr del 2001:db8::9/64 dev v0
ip addr flush
ip addr flush dev nope
ip addr show nope
ip addr show dev v0 dev v1
ip addr show scope sideways
ip addr frobnicate
ip link add wild0 type veth peer name wild1
ip addr add 10.77.4.1/24 dev wild0
ip addr del 10.77.4.1 dev wild0
ip addr del 10.77.4.1 dev wild0
ip addr add 10.77.4.1 peer 10.77.4.2 dev wild0
ip addr del 10.77.4.1 dev wild0
ip addr show wild0
