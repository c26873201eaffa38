ip link add v0 type veth peer name v1
ip link set v0 up
ip addr add 10.0.0.1/24 dev v0
ip addr add 10.0.0.2/24 brd + dev v0
ip addr add 10.0.1.1/24 broadcast 10.0.1.99 dev v0 label v0:label
ip addr add 10.9.0.1 peer 10.9.0.2/32 dev v0
ip addr add 10.8.0.1/32 dev v0 scope host
ip addr add 10.7.0.1/24 dev v0 noprefixroute metric 77
ip addr show dev v0
ip -4 addr show dev v0
ip -j addr show dev v0
ip -p -j -4 addr show v0
ip -br addr
ip -br -j addr show v0
ip -o addr show v0
ip addr show label v0:label
ip addr show to 10.0.0.0/24
ip addr show scope host
ip addr show secondary
ip addr show primary
ip addr show permanent
ip -0 addr show v0
ip -d addr show v0
ip addr del 10.0.0.1/24 dev v0
ip addr show dev v0
ip addr flush dev v0 label v0:*
ip addr flush dev v0
ip addr show dev v0
