tc foo
tc qdisc foo
tc qdisc show dev nope
tc qdisc add
tc qdisc add dev eth0
tc qdisc add dev eth0 root
tc qdisc add dev eth0 root nonsense
tc qdisc add dev eth0 root nonsense option
tc qdisc add dev nope root pfifo
tc qdisc add dev eth0 dev eth2 root pfifo
tc qdisc add dev eth0 root root pfifo
tc qdisc add dev eth0 root parent 1: pfifo
tc qdisc add dev eth0 parent x pfifo
tc qdisc add dev eth0 root handle x pfifo
tc qdisc add dev eth0 root pfifo foo
tc qdisc add dev eth0 root pfifo limit x
tc qdisc add dev eth0 root bfifo limit 5parsecs
tc qdisc add dev eth0 root handle 1: pfifo
tc qdisc add dev eth0 root handle 1: pfifo
tc qdisc change dev eth0 root handle 2: htb
tc qdisc del dev eth0 parent 5:
tc qdisc del dev eth2 root
tc qdisc show dev eth0 foo
tc -nonsense qdisc
tc -n nope qdisc
