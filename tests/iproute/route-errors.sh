ip link add v0 type veth peer name v1
ip link set v0 up
ip addr add 10.0.0.1/24 dev v0
ip route add default via 10.9.9.9
ip route add default
ip route add
ip route add 10.2.0.0/16
ip route add 10.2.0.0/16 via
ip route add 10.2.0.0/16 via foo
ip route add foo via 10.0.0.2
ip route add 10.2.0.0/99 via 10.0.0.2
ip route add 10.2.0.0/16 dev nope
ip route add 10.0.0.9/24 via 10.0.0.2
ip route add 10.2.0.0/16 via 10.0.0.2 table nowhere
ip route add 10.2.0.0/16 via 10.0.0.2 proto nobody
ip route add 10.2.0.0/16 via 10.0.0.2 scope sideways
ip route add 10.2.0.0/16 via 10.0.0.2 metric low
ip route add 10.2.0.0/16 via 10.0.0.2 garbage
ip route add sideways 10.2.0.0/16
ip route add 10.2.0.0/16 via 10.0.0.2
ip route add 10.2.0.0/16 via 10.0.0.2
ip route change 10.99.0.0/16 via 10.0.0.2
ip route del 10.99.0.0/16
ip route del default
ip route get
ip route get foo
ip route get 8.8.8.8
ip route flush
ip route flush table 99
ip route show table 99
ip -j route show table 99
ip route show table nowhere
ip route show dev nope
ip route show type sideways
ip -6 route add 10.2.0.0/16 dev v0
ip route frobnicate
ip route get to 127.0.0.1
ip route get dev lo 127.0.0.1
ip route get to 127.0.0.1 f 127.0.0.1
ip route add via 10.0.0.2 2> /dev/null
ip route add 2> /dev/null
