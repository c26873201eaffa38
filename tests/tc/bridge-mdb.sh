ip link set br0 type bridge mcast_snooping 1
bridge mdb
bridge mdb add dev br0 port eth0 grp 239.1.1.1 permanent
bridge mdb add dev br0 port eth0 grp 239.1.1.1 permanent
bridge mdb add dev br0 port eth0 grp 239.1.1.2
bridge mdb add dev br0 port br0 grp 239.1.1.3 temp
bridge mdb add dev br0 port eth0 grp 01:00:5e:01:02:03 permanent
bridge mdb add dev br0 port eth2 grp ff0e::1 permanent
bridge mdb show
bridge -d mdb show
bridge -j mdb show
bridge -j -p mdb show dev br0
bridge mdb del dev br0 port eth0 grp 239.1.1.2
bridge mdb del dev br0 port eth0 grp 239.1.1.9
bridge mdb add dev br0 port eth0 grp 239.2.2.2 src 10.0.0.1 permanent
bridge mdb show dev br0
bridge mdb add dev br0 port eth0
bridge mdb add dev br0 grp 239.1.1.2
bridge mdb add dev br0 port eth0 grp foo
bridge mdb add dev nope port eth0 grp 239.1.1.1
bridge mdb add dev br0 port nope grp 239.1.1.1
bridge mdb add dev br0 port eth0 grp 10.0.0.1
bridge mdb show dev nope
bridge mdb foo
