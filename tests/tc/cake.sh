# needs: cake
tc qdisc add dev eth0 root cake
tc qdisc show dev eth0
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root handle 1: cake bandwidth 20mbit rtt 50ms nat
tc qdisc show dev eth0
tc qdisc replace dev eth0 root handle 2: cake bandwidth 100mbit besteffort dual-dsthost nat wash ingress ack-filter split-gso overhead 18 mpu 64 noatm memlimit 4mb
tc qdisc show dev eth0
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root handle 3: cake unlimited diffserv4 triple-isolate internet
tc qdisc show dev eth0
