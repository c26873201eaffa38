ip link add name v0 mtu 1400 address 02:00:00:00:00:01 txqueuelen 77 type veth peer name v1 mtu 1300 address 02:00:00:00:00:02
ip link show v0
ip link show v1
ip link add v2 numtxqueues 2 numrxqueues 2 index 77 type veth peer name v3
ip -d link show v2
ip link add v4 type veth peer v5
ip link add v6 up type veth peer name v7
ip link show up
ip -j link show v2
ip link add v0 type veth peer name v9
ip link add v9 type veth peer name v1
ip link show v9
