# lacks: vlan_filtering
bridge vlan
bridge vlan show dev eth0
bridge vlan add dev eth0 vid 10
bridge vlan add vid 10 dev eth0
bridge vlan add dev br0 vid 10 self
