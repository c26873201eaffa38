tc qdisc add dev eth0 root tbf
tc qdisc add dev eth0 root tbf rate 1mbit
tc qdisc add dev eth0 root tbf rate 1mbit burst 10k
tc qdisc add dev eth0 root tbf rate 1foo burst 10k latency 1ms
tc qdisc add dev eth0 root tbf rate 1mbit burst 10z latency 1ms
tc qdisc add dev eth0 root tbf rate 1mbit burst 10k latency 1parsec
tc qdisc add dev eth0 root tbf foo
tc qdisc add dev eth0 root tbf rate
tc qdisc add dev eth0 root tbf rate 1mbit rate 2mbit
tc qdisc add dev eth0 root tbf rate 1mbit burst 10k limit 10k latency 5ms
tc qdisc add dev eth0 root tbf rate 1mbit burst 10k latency 5ms peakrate 2mbit
tc qdisc add dev eth0 root tbf rate 0 burst 10k latency 5ms
tc qdisc change dev eth0 root tbf rate 1mbit burst 10k latency 5ms
