ip link add e0 address 02:00:00:00:00:01 type veth peer name e1 address 02:00:00:00:00:02
ip link set e1 up; ip link set e0 up
tries=0; until ip -br link show e0 | grep -q ' UP ' || [ $tries = 100 ]; do tries=$((tries + 1)); sleep 0.05; done; ip -br link show e0
ip link show e0 | grep -q 'state UP' && echo up
ip addr add 10.0.0.5/24 dev e0
ip -4 addr show e0 | grep -oP 'inet \K[\d.]+'
ip -o -4 addr list e0 | awk '{print $4}' | cut -d/ -f1
ip addr show e0 | sed -n 's/.*inet \([0-9.]*\)\/.*/\1/p'
ip -j addr show e0 | tr '{' '\n' | grep -o '"local":"10[^"]*"'
ip link show e0 | awk '/link\/ether/ {print $2}'
ip -o link show | awk -F': ' '{print $2}' | cut -d@ -f1
ip route add default via 10.0.0.1
ip route | awk '/^default/ {print $3, $5}'
ip route show default | cut -d' ' -f3
ip route get 1.1.1.1 | sed -n 's/.*src \([^ ]*\).*/\1/p'
ip -o route get 1.1.1.1 | grep -o 'dev [a-z0-9]*'
ip -j -p route show default | grep gateway
[ -z "$(ip route show 10.77.0.0/16)" ] && echo none
[ "$(ip -o link show type bridge | wc -l)" -eq 0 ] && echo none
ip link show dev e9 > /dev/null 2>&1 || echo missing
ip link show e0 up | wc -l
ip link set e0 down; ip link show e0 up | wc -l
cat /sys/class/net/e0/ifindex | grep -c . ; ip link show e0 | cut -d: -f1 | grep -c .
ip -s link show e1 | awk 'NR==3 {print $1, $2}'
