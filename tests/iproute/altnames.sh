ip link add v0 type veth peer name v1
ip link property add dev v0 altname second altname a-rather-long-alternative-name
ip link show second
ip link show a-rather-long-alternative-name
ip link set a-rather-long-alternative-name up
ip addr add 10.0.0.1/24 dev second
ip -j link show v0
ip link property add dev v0 altname second
ip link property del dev v0 altname second
ip link show second
ip link property del dev v0 altname nope
ip link property add altname x
ip addr show v0
