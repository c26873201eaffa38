tc qdisc add dev eth0 root pfifo
tc qdisc show dev eth0
tc qdisc replace dev eth0 root handle 1: pfifo limit 100
tc -s -d qdisc show dev eth0
tc qdisc change dev eth0 root handle 1: pfifo limit 10
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root handle 2: bfifo limit 64kb
tc qdisc show dev eth0
tc -j -s qdisc
tc qdisc replace dev eth0 root pfifo_fast
tc qdisc show dev eth0
tc -j qdisc list dev eth0
tc qdisc replace dev eth0 root noqueue
tc qdisc
tc q ls
tc qd sh dev eth0
tc qdisc show root
tc qdisc show dev eth0 ingress
