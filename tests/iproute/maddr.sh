ip link add v0 type veth peer name v1
ip link set v0 up
ip -4 maddr show v0
ip maddr add 33:33:00:00:00:05 dev v0
ip maddr add 01:00:5e:00:00:77 dev v0
ip -0 maddr show dev v0
ip maddr del 33:33:00:00:00:05 dev v0
ip -0 maddr show dev v0
ip -4 -j maddr show dev v0
ip maddr add zz dev v0
ip maddr add 33:33:00:00:00:05
ip maddr add 33:33:00:00:00:05 dev nope
ip maddr del 33:33:00:00:00:99 dev v0
ip maddr show dev nope
ip maddr frobnicate
