ip link add v0 type veth peer name v1
ip addr add 10.0.0.1/24 dev v0
ip addr add 10.0.0.5/24 dev v0
ip link set v0 up
ip -o -4 addr show v0 | awk '{print $4}'
ip -o link show | awk -F': ' '{print $2}'
ip addr show v0 | grep 'inet ' | awk '{print $2}' | cut -d/ -f1
ip -br link | awk '{print $1}'
ip route | awk '/10.0.0.0/ {print $3}'
ip -4 addr show v0 | sed -n 's/.*inet \([0-9.]*\).*/\1/p'
ip link show v0 | grep -o 'mtu [0-9]*'
ip -o link show type veth | wc -l
cat /sys/class/net/v0/mtu 2>/dev/null || true
if ip link show v9 >/dev/null 2>&1; then echo there; else echo not there; fi
ip link show v9 2>/dev/null || ip link add v9 type veth peer name v10
ip -j addr show v0 | tr ',' '\n' | grep '"local"'
