ip link add vx0 type vxlan id 5 local 127.0.0.1 dstport 4789
bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.2
bridge fdb append 00:00:00:00:00:00 dev vx0 dst 10.0.0.3
bridge fdb append to 00:00:00:00:00:00 dst 10.0.0.4 dev vx0 vni 7 port 4790 via eth0
bridge fdb add 02:00:00:00:00:22 dev vx0 dst 10.0.0.4 self permanent
bridge fdb add 02:00:00:00:00:23 dev vx0 dst 10.0.0.5 src_vni 5
bridge fdb replace 02:00:00:00:00:22 dev vx0 dst 10.0.0.6
bridge fdb show dev vx0
bridge -j fdb show dev vx0
bridge fdb del 00:00:00:00:00:00 dev vx0 dst 10.0.0.3
bridge fdb add 00:00:00:00:00:00 dev vx0 dst foo
bridge fdb add 00:00:00:00:00:00 dev vx0 dst 10.0.0.9 vni x
bridge fdb add 00:00:00:00:00:00 dev vx0 dst 10.0.0.9 port 99999
bridge fdb show dev vx0
ip link del vx0
