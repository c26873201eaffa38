ip link add up1 type veth peer name far1
ip link add up2 type veth peer name far2
ip addr add 10.1.0.2/24 dev up1
ip addr add 10.2.0.2/24 dev up2
ip link set up1 up; ip link set far1 up; ip link set up2 up; ip link set far2 up
ip route add 10.1.0.0/24 dev up1 src 10.1.0.2 table 101
ip route add default via 10.1.0.1 table 101
ip route add 10.2.0.0/24 dev up2 src 10.2.0.2 table 102
ip route add default via 10.2.0.1 table 102
ip rule add from 10.1.0.2 table 101 priority 1001
ip rule add from 10.2.0.2 table 102 priority 1002
ip rule add fwmark 2 table 102 prio 900
ip route add default scope global nexthop via 10.1.0.1 dev up1 weight 1 nexthop via 10.2.0.1 dev up2 weight 2
ip route show default
ip -o route show default
ip rule show
ip route show table 101
ip route get 8.8.8.8 from 10.1.0.2
ip route get 8.8.8.8 from 10.2.0.2
ip route get 8.8.8.8 mark 2
ip rule show table 102
ip -j rule show priority 900
ip route flush table 101
ip route show table 101
ip route flush table 101
ip rule del priority 1001
ip rule del from 10.2.0.2
ip rule del fwmark 2
ip rule
ip route flush cache
