bridge vlan add dev eth0 vid 5000
bridge vlan add dev eth0
bridge vlan add vid 10
bridge vlan add dev nope vid 10
bridge vlan add dev eth0 vid 20-10
bridge vlan add dev eth0 vid 10-20 pvid
bridge vlan add dev eth0 vid x
bridge vlan add dev eth1 vid 5
bridge vlan show dev nope
bridge vlan foo
