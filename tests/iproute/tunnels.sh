# needs: gre ipip sit
ip link add v0 type veth peer name v1
ip addr add 192.0.2.1/24 dev v0
ip link set v0 up
ip link add gre1 type gre local 192.0.2.1 remote 192.0.2.2 ttl 64 key 5
ip -d link show gre1
ip -d -j link show gre1
ip link add gt1 type gretap local 192.0.2.1 remote 192.0.2.3 okey 1 ikey 2 seq csum
ip -d link show gt1
ip -d -j link show gt1
ip link add ipip1 type ipip local 192.0.2.1 remote 192.0.2.2 dev v0
ip -d link show ipip1
ip -d -j link show ipip1
ip link add sit1 type sit local 192.0.2.1 remote 192.0.2.2 ttl inherit
ip -d link show sit1
ip -d -j link show sit1
ip link add ipip2 type ipip remote 192.0.2.5 mode ipip ttl 5
ip link add ipip3 type ipip external
ip -d link show ipip2
ip -d link show ipip3
ip link add sit2 type sit remote 192.0.2.6 mode ip6ip nopmtudisc
ip -d -j link show sit2
ip link set gre1 up
ip addr add 10.255.0.1 peer 10.255.0.2 dev gre1
ip addr show gre1
ip route add 10.3.0.0/16 dev gre1
ip link add gre2 type gre remote foo
ip link add gre2 type gre ttl 999
ip link del gre1
