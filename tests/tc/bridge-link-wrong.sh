bridge foo
bridge link add
bridge link show dev nope
bridge link show dev eth1
bridge link set
bridge link set dev nope cost 5
bridge link set dev eth1 cost 5
bridge link set dev eth0
bridge link set dev eth0 hairpin
bridge link set dev eth0 hairpin maybe
bridge link set dev eth0 cost
bridge link set dev eth0 cost x
bridge link set dev eth0 state foo
bridge link set dev eth0 hwmode vepa
bridge link set dev eth0 hwmode foo
bridge link set dev eth0 self
bridge -nonsense
bridge monitor foo
