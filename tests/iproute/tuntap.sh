# needs: tun
ip tuntap add tap0 mode tap
ip tuntap add dev tun0 mode tun user 0
ip tuntap add tap1 mode tap multi_queue vnet_hdr
ip link show type tun
ip -d link show tap0
ip -d link show tun0
ip -d -j link show tap1
ip tuntap add tap0 mode tap
ip tuntap add foo
ip tuntap add foo mode sideways
ip tuntap frobnicate
ip link set tap0 up
ip addr add 10.0.0.1/24 dev tap0
ip -4 addr show tap0
ip tuntap del tap0 mode tap
ip tuntap del dev tun0 mode tun
ip link
