ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip token
ip -j token
ip token set ::5 dev v0
ip token get dev v0
ip token list
ip token set ::5
ip token set nonsense dev v0
ip token set dev v0
ip token set ::5 dev nope
ip token del dev v0
ip token get dev v0
ip token del
ip token nosuch
