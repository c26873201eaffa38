bridge fdb add
bridge fdb add 02:00:00:00:00:09
bridge fdb add dev eth0
bridge fdb add foo dev eth0
bridge fdb add 02:00:00:00:00:09 dev nope
bridge fdb add 02:00:00:00:00:09 dev eth1 master
bridge fdb add 02:00:00:00:00:09 dev eth0 master vlan 5000
bridge fdb add 02:00:00:00:00:09 dev eth0 master foo
bridge fdb show dev nope
bridge fdb show br nope
bridge fdb show br br0 state foo
bridge fdb foo
bridge fdb flush
bridge fdb flush dev eth0
bridge fdb get 02:00:00:00:00:09
