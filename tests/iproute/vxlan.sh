ip link add v0 type veth peer name v1
ip addr add 192.0.2.1/24 dev v0
ip link set v0 up
ip link add vx0 type vxlan id 42 local 192.0.2.1 remote 192.0.2.2 dev v0 dstport 4789
ip -d link show vx0
ip link add vx1 type vxlan id 43 group 239.1.1.1 dev v0 dstport 4790 ttl 9 nolearning ageing 60 l2miss l3miss proxy rsc
ip -d link show vx1
ip -d -j link show vx1
ip link add vx2 type vxlan id 44 dstport 0 local 2001:db8::1 remote 2001:db8::2 tos 0x10 df set
ip -d link show vx2
ip link add vx3 type vxlan external dstport 4791
ip -d -p -j link show vx3
ip link add vx9 type vxlan dstport 4789
ip link add vx9 type vxlan id 16777216
ip link add vx9 type vxlan id 9 group 10.0.0.1 dev v0
ip link add vx9 type vxlan id 9 remote foo
ip link add vx9 type vxlan id 9 dstport 4789 bogus
ip link set vx0 up
ip link add vx0 type vxlan id 99 dstport 4789
ip -br link show type vxlan
