ip link add v0 type veth peer name v1
ip link add m0 link v0 type macvlan mode source
ip link set m0 type macvlan macaddr add 02:00:00:00:00:01
ip link set m0 type macvlan macaddr add 02:00:00:00:00:02
ip -d link show m0 | grep -c 'remotes (2)'
ip link set m0 type macvlan macaddr del 02:00:00:00:00:01
ip link set m0 type macvlan macaddr set 02:00:00:00:00:03
ip -d -j link show m0 | grep -o 'macaddr_data[^]]*'
ip link set m0 type macvlan macaddr flush
ip link set m0 type macvlan macaddr nosuch
ip link set v0 xdp off
ip link set v0 xdpgeneric off
ip link set v0 vf 0 mac 02:00:00:00:00:01
ip link set v0 vf 0 vlan 5 qos 3
ip link set v0 vf x
