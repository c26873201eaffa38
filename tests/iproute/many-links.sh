for n in $(seq 1 20); do ip link add a$n type veth peer name b$n; done
ip -br link | wc -l
for n in $(seq 1 20); do ip addr add 10.$n.0.1/24 dev a$n; ip link set a$n up; done
ip -o -4 addr
ip route
for n in $(seq 1 20); do ip link del a$n; done
ip link
