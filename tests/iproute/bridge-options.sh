ip link add br0 type bridge
ip link set br0 type bridge stp_state 1 priority 4096 forward_delay 400 hello_time 100 max_age 1000
ip link set br0 type bridge ageing_time 6000 mcast_snooping 0 group_fwd_mask 0x8
ip -d link show br0
ip -d -j link show br0
ip -d -p -j link show br0
ip link add v0 type veth peer name v1
ip link set v0 master br0
ip link set v0 type bridge_slave cost 50 priority 16 isolated on learning off
ip link set v0 type bridge_slave hairpin on guard on root_block on flood off
ip -d link show v0
ip -d -j link show v0
ip link set v0 type bridge_slave cost abc
ip link set v0 type bridge_slave hairpin maybe
ip link show type bridge
ip link show type bridge_slave
ip link del br0
ip link show
