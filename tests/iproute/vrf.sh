# needs: vrf
ip link add red type vrf table 10
ip link set red up
ip link add v0 type veth peer name v1
ip link set v0 master red
ip link set v0 up
ip addr add 10.0.0.1/24 dev v0
ip -d link show red
ip -d -j link show v0
ip route show vrf red
ip addr add fd00::1/64 dev v0 nodad
ip -6 route show vrf red | sed s/ff00/xx00/
ip route add 10.9.0.0/16 via 10.0.0.2 vrf red
ip route show table 10
ip rule
ip vrf
ip -j vrf show
ip addr show vrf red
ip link show vrf red
ip link show vrf v0
ip route get 10.9.0.1 vrf red
ip neigh show vrf red
