ip link add v0 type veth peer name v1
ip -s link show v0
ip -s -s link show v0
ip -j -s link show v0
ip -j -s -s link show v0
ip -s -o link show v0
ip -s addr show v0
