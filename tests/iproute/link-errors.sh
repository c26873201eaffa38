ip link add
ip link add x
ip link add x type nothing-known
ip link add x type nothing-known and more
ip link add a-name-that-is-too-long type veth
ip link set
ip link set nope up
ip link set lo mtu
ip link set lo mtu abc
ip link set lo mtu 99999999999
ip link set lo master nope
ip link set lo netns nope
ip link set lo promisc maybe
ip link set lo address zz:00
ip link set lo address 02:00
ip link set lo type bridge stp_state 1
ip link set lo garbage here
ip link del
ip link del nope
ip link del lo
ip link show nope
ip link show lo lo
ip link frobnicate
ip frobnicate
ip -frobnicate
ip link add br0 type bridge bogus 1
ip link add br0 type bridge stp_state maybe
ip link add br0 type bridge forward_delay 999999
ip link add m0 link nope type macvlan
ip link set lo mode sideways
ip link set lo state sideways
