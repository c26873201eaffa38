# needs: cake
tc qdisc add dev eth0 root cake bandwidth 20mbit
tc -s qdisc show dev eth0
tc -j -s qdisc show dev eth0
tc qdisc replace dev eth0 root handle 2: cake bandwidth 20mbit besteffort pppoe-ptm ether-vlan
tc -s qdisc show dev eth0
tc qdisc replace dev eth0 root handle 3: cake bandwidth 5mbit diffserv8 docsis rtt 50ms
tc -s qdisc show dev eth0
tc qdisc replace dev eth0 root handle 4: cake unlimited diffserv4 raw lan memlimit 1mb fwmark 0xf
tc -s qdisc show dev eth0
tc -j -s qdisc show dev eth0
tc qdisc change dev eth0 root cake bandwidth 1gbit precedence autorate-ingress ethernet mpu 96
tc -s qdisc show dev eth0
tc qdisc change dev eth0 root cake conservative
tc qdisc show dev eth0
tc qdisc change dev eth0 root cake overhead 300
tc qdisc change dev eth0 root cake mpu x
tc qdisc change dev eth0 root cake foo
