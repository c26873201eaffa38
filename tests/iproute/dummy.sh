# needs: dummy
ip link add d0 type dummy
ip link add d1 mtu 9000 type dummy
ip link set d0 up
ip addr add 10.0.0.1/32 dev d0
ip addr add 10.0.0.2/32 dev d0
ip -4 addr show d0
ip -d link show d0
ip -j -d link show d1
ip link show type dummy
ip link set d0 carrier off
ip link del d0
ip link set d1 name loop1
ip link
