# A monitor listens when its socket has groups; what it has heard is compared.
ip link add v0 type veth peer name v1
groups() { awk '$2 == 0 && $4 != "00000000"' /proc/net/netlink | wc -l; }; n=$(groups); ip -o monitor link address route neigh rule nexthop > /run/driver/heard & tries=0; until [ $(awk '$2 == 0 && $4 != "00000000"' /proc/net/netlink | wc -l) -gt $n ] || [ $tries = 200 ]; do tries=$((tries + 1)); sleep 0.05; done
ip link set v0 address 02:00:00:00:00:01
ip addr add 10.0.0.1/24 dev v0
ip link set v0 up
ip link set v1 up
ip route add 10.1.0.0/16 via 10.0.0.9
ip route replace 10.1.0.0/16 via 10.0.0.8 metric 5
ip rule add from 10.0.0.0/8 table 5
ip rule del from 10.0.0.0/8 table 5
ip nexthop add id 1 via 10.0.0.2 dev v0
ip nexthop del id 1
ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:01 dev v0
ip neigh del 10.0.0.7 dev v0
ip route del 10.1.0.0/16 metric 5
ip addr add 10.99.0.1/32 dev lo
tries=0; until grep -q 10.99.0.1 /run/driver/heard || [ $tries = 200 ]; do tries=$((tries + 1)); sleep 0.05; done
grep 'inet \|10.1.0.0\|lookup\|id 1\|10.0.0.7 \|10.0.0.0/24' /run/driver/heard
ip monitor nosuch
stdbuf -oL ip netns monitor > /run/driver/names & tries=0; until ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q inotify || [ $tries = 200 ]; do tries=$((tries + 1)); sleep 0.05; done
ip netns add blue
ip netns del blue
ip netns add last
tries=0; until grep -q last /run/driver/names || [ $tries = 200 ]; do tries=$((tries + 1)); sleep 0.05; done
cat /run/driver/names
