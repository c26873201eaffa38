# needs: bond
ip link add bond0 type bond mode active-backup miimon 100
ip link add v0 type veth peer name v1
ip link add v2 type veth peer name v3
ip link set v0 master bond0
ip link set v2 master bond0
ip link set bond0 up
ip -d link show bond0
ip -d -j link show bond0
ip -d link show v0
ip link set bond0 type bond primary v0
ip link set bond0 type bond active_slave v2
ip link show master bond0
ip link add bond1 type bond mode 802.3ad lacp_rate fast xmit_hash_policy layer3+4
ip -d link show bond1
ip link add bond2 type bond mode sideways
ip link set v0 nomaster
ip link del bond0
ip link set v0 master bond1
ip -d link show v0
ip -d -j link show v0
ip -d -j link show bond1
ip link add bond3 type bond mode balance-xor arp_interval 100 arp_ip_target 10.0.0.1,10.0.0.2
ip -d link show bond3
ip -d -j link show bond3
