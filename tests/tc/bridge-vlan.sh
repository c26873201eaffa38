# needs: vlan_filtering
bridge vlan
ip link set br0 type bridge vlan_filtering 1 mcast_snooping 1
bridge vlan show
bridge vlan add dev eth0 vid 10 pvid untagged
bridge vlan add dev eth0 vid 20-22
bridge vlan add vid 30 dev br0 self
bridge vlan add dev eth2 vid 100 tagged master
bridge vlan show
bridge vlan show dev eth0
bridge vlan show vid 21
bridge -compressvlans vlan show
bridge -compressvlans -j vlan show
bridge -j vlan show
bridge -j -p vlan show dev eth0
bridge vlan del dev eth0 vid 1
bridge vlan del dev eth0 vid 20-21
bridge vlan delete dev eth0 vid 77
bridge vlan show
bridge fdb add 02:00:00:00:00:09 dev eth0 master static vlan 10
bridge fdb show dev eth0 vlan 10
bridge -j fdb show br br0 | tr ']' '\n' | grep -c vlan
bridge mdb add dev br0 port eth0 grp 239.1.1.1 permanent vid 10
bridge mdb show
bridge mdb show vid 10
