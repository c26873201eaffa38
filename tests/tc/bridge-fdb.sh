bridge fdb show br br0
bridge fdb add 02:00:00:00:00:09 dev eth0 master static
bridge fdb add 02:00:00:00:00:09 dev eth0 master static
bridge fdb add 02:00:00:00:00:0a dev eth0 master permanent
bridge fdb add 02:00:00:00:00:0b dev eth0 master
bridge fdb add 02:00:00:00:00:0c dev eth0 master dynamic
bridge fdb add 02:00:00:00:00:0d dev eth0 master temp
bridge fdb add to 02:00:00:00:00:0e dev eth0
bridge fdb add 02:00:00:00:00:0f dev eth0 self
bridge fdb add 02:00:00:00:00:11 dev eth0 master static sticky
bridge fdb add 02:00:00:00:00:12 dev eth0 master static extern_learn
bridge fdb append 02:00:00:00:00:13 dev eth0 master static
bridge fdb replace 02:00:00:00:00:09 dev eth2 master static
bridge fdb | sort
bridge fdb show br br0 | sort
bridge fdb show dev eth0 | sort
bridge fdb show brport eth2 | sort
bridge -d fdb show br br0 state static | sort
bridge fdb show br br0 dynamic | sort
bridge -j fdb show br br0
bridge fdb get 02:00:00:00:00:0a br br0
bridge fdb get 02:00:00:00:00:0a dev eth0 master
bridge -j fdb get 02:00:00:00:00:0b br br0
bridge fdb get 02:00:00:00:00:77 br br0
bridge fdb del 02:00:00:00:00:09 dev eth2 master
bridge fdb del 02:00:00:00:00:99 dev eth2 master
bridge fdb flush dev br0
bridge fdb show br br0 | sort
