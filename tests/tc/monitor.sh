tc monitor >told & echo $! >pid
until grep -q 'pfifo' told; do tc qdisc replace dev eth3 root handle 9: pfifo limit 1; sleep 0.05; done
tc qdisc add dev eth0 root handle 1: htb default 1
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit
tc class replace dev eth0 parent 1: classid 1:1 htb rate 2mbit
tc qdisc replace dev eth0 parent 1:1 handle 10: pfifo limit 5
tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst 1.1.1.1 flowid 1:1
tc filter replace dev eth0 parent 1: protocol ip prio 1 handle 800::800 u32 match ip dst 1.1.1.2 flowid 1:1
tc qdisc add dev eth1 clsact
tc chain add dev eth1 ingress chain 5
tc filter add dev eth1 ingress protocol ip prio 1 u32 match ip dst 1.1.1.1 action mirred egress redirect dev eth0
tc filter del dev eth1 ingress
tc chain del dev eth1 ingress chain 5
tc filter del dev eth0 parent 1:
tc qdisc del dev eth0 root
until grep -q 'bfifo' told; do tc qdisc replace dev eth3 root handle 8: bfifo limit 1000; sleep 0.05; done
kill $(cat pid)
grep -v 'eth3' told
tc monitor foo
tc monitor help
