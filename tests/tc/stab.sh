tc qdisc add dev eth0 root handle 1: stab overhead 4 linklayer atm htb default 1
tc qdisc show dev eth0
tc -d qdisc show dev eth0
tc -j -d qdisc show dev eth0
tc class add dev eth0 parent 1: classid 1:1 estimator 1sec 8sec htb rate 1mbit
tc class show dev eth0
tc qdisc replace dev eth0 root handle 2: stab mtu 2048 tsize 512 mpu 64 overhead 30 linklayer ethernet pfifo
tc -d qdisc show dev eth0
tc qdisc replace dev eth0 root handle 3: stab overhead 30 pfifo
tc -d qdisc show dev eth0
tc qdisc add dev eth2 root handle 3: stab linklayer adsl mtu 9000 tsize 128 tbf rate 1mbit burst 10k latency 50ms
tc -d qdisc show dev eth2
tc -j -d -p qdisc show dev eth2
tc qdisc add dev eth1 root stab foo
tc qdisc add dev eth1 root stab linklayer foo pfifo
tc qdisc add dev eth1 root stab mtu x pfifo
tc qdisc add dev eth1 root estimator x 8sec pfifo
tc qdisc add dev eth1 root estimator 1sec 1sec pfifo
tc qdisc add dev eth1 root est 250ms 1s pfifo
tc qdisc show dev eth1
tc -r qdisc show dev eth2
tc -o qdisc show dev eth1
