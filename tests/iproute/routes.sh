ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip addr add 10.0.0.1/24 dev v0
ip addr add 10.1.0.1/24 dev v1
ip route add default via 10.0.0.2
ip route add 10.2.0.0/16 via 10.0.0.2
ip route add 10.3.0.0/16 via 10.0.0.2 dev v0 metric 100 proto static
ip route add 10.4.0.0/16 dev v0 scope link src 10.0.0.1
ip route add 10.5.0.0/16 via 10.99.0.1 dev v0 onlink
ip route add blackhole 10.6.0.0/16
ip route add unreachable 10.7.0.0/16
ip route add prohibit 10.8.0.1
ip route add throw 10.9.0.0/16 table 100
ip route add default via 10.1.0.2 table 100
ip route add 10.10.0.0/16 dev v0 table 1000
ip route
ip -j route
ip -p -j route
ip -d route
ip route show table 100
ip route list table 1000
ip route show table all
ip route show table local
ip route show default
ip route show 10.2.0.0/16
ip route show root 10.0.0.0/12
ip route show match 10.2.3.4
ip route show via 10.0.0.2
ip route show dev v0
ip route show proto static
ip route show type blackhole
ip route show scope link
ip -o route
ip route get 10.2.3.4
ip route get 10.0.0.1
ip -j route get 10.4.0.9
ip route get 10.7.0.1
ip route get 8.8.8.8 from 10.0.0.1
ip route get 10.2.0.1 oif v0 mark 7
