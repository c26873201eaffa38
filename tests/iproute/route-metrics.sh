ip link add v0 type veth peer name v1
ip link set v0 up
ip addr add 10.0.0.1/24 dev v0
ip route add 10.2.0.0/16 via 10.0.0.2 mtu 1400 advmss 1000 hoplimit 9
ip route add 10.3.0.0/16 via 10.0.0.2 mtu lock 1300 initcwnd 20 initrwnd 21 quickack 1
ip route add 10.4.0.0/16 via 10.0.0.2 rtt 100ms rto_min 5ms window 9000 cwnd 4 ssthresh 7 reordering 5
ip route add 10.5.0.0/16 via 10.0.0.2 congctl reno features ecn
ip route add 10.6.0.0/16 via 10.0.0.2 realm 5
ip route add 10.7.0.0/16 via 10.0.0.2 tos 0x10
ip route
ip -j route
ip route add 10.8.0.0/16 via 10.0.0.2 mtu big
ip route add 10.8.0.0/16 via 10.0.0.2 congctl nothing-known
