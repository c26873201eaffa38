ip link add v0 type veth peer name v1
ip link set v0 alias "an alias with words"
ip link set v0 group 7
ip link set dev v0 mtu 1280 up
ip link set v0 promisc on
ip link set v0 allmulticast on
ip link set v0 multicast off
ip link set v0 arp off
ip -d link show v0
ip link set v0 down
ip link set v0 name w0
ip link set w0 address 02:11:22:33:44:55
ip link show w0
ip link set w0 txqueuelen 5
ip link set group 7 up
ip -j -p link show dev w0
ip link set w0 addrgenmode none
ip link set w0 protodown on
ip -d link show w0
ip link set w0 alias ""
ip link show group 7
