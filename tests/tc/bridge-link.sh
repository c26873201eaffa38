bridge link
bridge link show dev eth0
bridge link show master br0
bridge -d link show dev eth0
bridge -j link
bridge -j -d link show dev eth0
bridge -j -p link show dev eth0
bridge -o link show
bridge link set dev eth0 cost 50 priority 8
bridge link set dev eth0 hairpin on guard on learning off flood off
bridge -d link show dev eth0
bridge link set dev eth0 isolated on root_block on fastleave on mcast_flood off mcast_to_unicast on neigh_suppress on bcast_flood off
bridge -d link
bridge link set dev eth0 mcast_router 2 backup_port eth2
bridge -d -j link show dev eth0
bridge link set dev eth0 nobackup_port state 0
bridge link set dev eth0 state forwarding
bridge link set dev eth0 cost 7 master
bridge link show
bridge l
