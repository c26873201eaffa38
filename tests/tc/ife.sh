# needs: ife
tc qdisc add dev eth0 clsact
tc filter add dev eth0 ingress protocol ip prio 12 u32 match u32 0 0 action ife encode allow mark use prio 3 dst 02:15:15:15:15:15 type 0xFEFE
tc filter add dev eth0 ingress protocol ip prio 2 u32 match u32 0 0 action ife decode pipe
tc filter show dev eth0 ingress
