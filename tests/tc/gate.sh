# needs: gate
tc qdisc add dev eth0 clsact
tc filter add dev eth0 ingress protocol ip prio 15 u32 match u32 0 0 action gate clockid CLOCK_TAI base-time 100 sched-entry open 200000000 -1 -1 sched-entry close 100000000 index 2
tc filter show dev eth0 ingress
tc -j filter show dev eth0 ingress
