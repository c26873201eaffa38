ip link add v0 type veth peer name v1
ip link set v0 up
ip addr add 10.0.0.1/24 dev v0
ip route add 10.2.0.0/16 via 10.0.0.2
ip route replace 10.2.0.0/16 via 10.0.0.3
ip route change 10.2.0.0/16 via 10.0.0.4
ip route append 10.2.0.0/16 via 10.0.0.5
ip route prepend 10.2.0.0/16 via 10.0.0.6 metric 9
ip route
ip route replace default via 10.0.0.9
ip route del 10.2.0.0/16 via 10.0.0.5
ip route del default
ip route del 10.2.0.0/16 metric 9
ip route
ip route flush 10.2.0.0/16
ip route
ip route add 10.3.0.0/16 via 10.0.0.2 proto bird
ip route add 10.4.0.0/16 via 10.0.0.2 proto 77
ip route show proto 77
ip -s route flush proto bird
ip route flush dev v0
ip route
