ip link add v0 type veth peer name v1
ip -4 -o addr
ip -oneline link show v0
ip --oneline link show v0
ip -brief link show v0
ip -json link show v0
ip -j -pretty link show v0
ip -details link show v0
ip -family inet6 addr show v0
ip -f inet route
ip -f bogus route
ip -c=never link show v0
ip -color=never link show v0
ip -N route show table local
ip -r link show v0
ip -0 link show v0
ip -f
