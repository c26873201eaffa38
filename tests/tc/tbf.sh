tc qdisc add dev eth0 root tbf rate 1mbit burst 32kbit latency 400ms
tc qdisc show dev eth0
tc -d qdisc show dev eth0
tc -s qdisc show dev eth0
tc -j qdisc show dev eth0
tc -j -d -s qdisc show dev eth0
tc -j -p qdisc show dev eth0
tc qdisc change dev eth0 root tbf rate 2mbit burst 10k latency 50ms
tc qdisc show dev eth0
tc qdisc replace dev eth0 root handle 7: tbf rate 0.5mbit burst 5kb latency 70ms peakrate 1mbit minburst 1540
tc -d qdisc show dev eth0
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root handle 8: tbf rate 1mbit buffer 1600 limit 3000 mpu 64 overhead 14 linklayer atm
tc -d qdisc show
tc qdisc del dev eth0 root
tc qdisc show dev eth0
tc qdisc del dev eth0 root
