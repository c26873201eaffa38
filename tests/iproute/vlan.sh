# needs: vlan
ip link add v0 type veth peer name v1
ip link set v0 up
ip link add link v0 name v0.10 type vlan id 10
ip link add v0.20 link v0 type vlan id 20 protocol 802.1ad
ip link add v0.30 link v0 type vlan id 30 reorder_hdr off gvrp on
ip link add link v0 name q type vlan id 40 ingress-qos-map 1:2 3:4 egress-qos-map 5:6
ip -d link show v0.10
ip -d link show v0.20
ip -d link show v0.30
ip -d link show q
ip -d -j link show q
ip addr add 10.10.0.1/24 dev v0.10
ip link set v0.10 up
ip -br link show type vlan
ip link add link v0 name x type vlan id 5000
ip link add link v0 name x type vlan id abc
ip link add link v0 name x type vlan id 5 protocol sideways
ip link add x type vlan id 5
ip link add link v0 name x type vlan id 10
ip link del v0.10
