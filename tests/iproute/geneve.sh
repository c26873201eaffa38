# needs: geneve
ip link add g0 type geneve id 7 remote 192.0.2.2
ip link add g1 type geneve id 8 remote fd00::2 ttl 64 dstport 1234
ip link add g2 type geneve external
ip link add g3 type geneve id 9 remote 192.0.2.3 ttl inherit tos 0x10 df set noudpcsum
ip -d link show g0
ip -d link show g1
ip -d link show g2
ip -d link show g3
ip -d -j link show g1
ip -d -j link show g3
ip link add g4 type geneve id 99999999 remote 192.0.2.2
ip link add g4 type geneve id 5
ip link add g4 type geneve remote 192.0.2.2
ip link add g4 type geneve id 7 remote 192.0.2.2 foo
ip link set g0 up
ip addr add 10.0.0.1/24 dev g0
ip -br link show type geneve
ip link del g0
