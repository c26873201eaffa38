# needs: netem
tc qdisc add dev eth0 root netem
tc qdisc change dev eth0 root netem delay 100ms
tc qdisc show dev eth0
tc qdisc change dev eth0 root netem delay 100ms 10ms 25%
tc qdisc show dev eth0
tc qdisc change dev eth0 root netem delay 100ms 20ms distribution normal
tc qdisc replace dev eth0 root netem delay 50us 5us distribution pareto
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root netem loss 0.3% 25%
tc qdisc show dev eth0
tc qdisc replace dev eth0 root netem loss random 10% 25% ecn
tc -j -s -d qdisc show dev eth0
tc qdisc replace dev eth0 root netem loss state 1% 10% 20% 30% 5%
tc qdisc show dev eth0
tc qdisc replace dev eth0 root netem loss state 1%
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root netem loss gemodel 1% 10% 70% 0.1%
tc qdisc show dev eth0
tc qdisc replace dev eth0 root netem duplicate 1% 10%
tc qdisc show dev eth0
tc qdisc replace dev eth0 root netem corrupt 0.1% 5%
tc qdisc show dev eth0
tc qdisc replace dev eth0 root netem gap 5 delay 10ms reorder 25% 50%
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root netem rate 5kbit 20 100 5
tc qdisc show dev eth0
tc qdisc replace dev eth0 root netem rate 40gbit limit 5000
tc -j -d qdisc show dev eth0
tc qdisc replace dev eth0 root netem slot 800us 1ms packets 32 bytes 64k
tc qdisc show dev eth0
tc qdisc replace dev eth0 root netem slot distribution normal 10ms 1ms packets 5
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root handle 1: tbf rate 1mbit burst 32kb latency 50ms
tc qdisc add dev eth0 parent 1:1 handle 10: netem delay 10ms loss 5 drop 7%
tc qdisc show dev eth0
tc qdisc del dev eth0 root
