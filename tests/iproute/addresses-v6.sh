ip link add v0 type veth peer name v1
ip link set v0 up
ip -6 addr add 2001:db8::1/64 dev v0 nodad
ip addr add 2001:db8:1::1/64 dev v0 nodad preferred_lft 0
ip addr add 2001:db8:2::1/128 dev v0 nodad valid_lft 100000 preferred_lft 90000
ip addr add fd00::1 peer fd00::2/64 dev v0 nodad
ip addr add 2001:db8:3::1/64 dev v0 nodad noprefixroute home
ip -6 addr show dev v0
ip -6 -j addr show dev v0
ip -6 -br addr show dev v0
ip -6 -o addr show dev v0
ip -6 addr show deprecated
ip -6 addr show dynamic
ip addr change 2001:db8:1::1/64 dev v0 valid_lft forever preferred_lft forever
ip addr replace 2001:db8::1/64 dev v0 valid_lft 5000 preferred_lft 4000
ip -6 addr show dev v0
ip -6 addr del 2001:db8::1/64 dev v0
ip -6 addr flush dev v0
ip -6 addr
