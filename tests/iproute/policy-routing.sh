ip link add eth0 type veth peer name p0
ip link add eth1 type veth peer name p1
ip link set eth0 up
ip link set p0 up
ip link set eth1 up
ip link set p1 up
ip addr add 192.0.2.10/24 dev eth0
ip addr add 198.51.100.10/24 dev eth1
ip route add default via 192.0.2.1
ip route add default via 192.0.2.1 dev eth0 table 101
ip route add default via 198.51.100.1 dev eth1 table 102
ip route add 192.0.2.0/24 dev eth0 src 192.0.2.10 table 101
ip rule add from 192.0.2.10 lookup 101
ip rule add from 198.51.100.10 lookup 102 prio 1000
ip rule
ip route show table 101
ip route show table 102
ip route get 203.0.113.1
ip route get 203.0.113.1 from 198.51.100.10
ip route flush table 102
ip route get 203.0.113.1 from 198.51.100.10
ip rule del from 192.0.2.10
