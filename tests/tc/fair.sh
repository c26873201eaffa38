# needs: fq_codel fq sfq prio codel
tc qdisc add dev eth0 root handle 1: prio
tc qdisc show dev eth0
tc qdisc add dev eth0 parent 1:1 handle 10: sfq
tc qdisc add dev eth0 parent 1:2 handle 20: tbf rate 20kbit buffer 1600 limit 3000
tc qdisc add dev eth0 parent 1:3 handle 30: sfq perturb 10 limit 100 quantum 1500
tc -d qdisc show dev eth0
tc -j qdisc show dev eth0
tc -j -d qdisc show dev eth0
tc qdisc replace dev eth0 root handle 2: prio bands 4 priomap 1 2 2 3 1 2 0 0 1 1 1 1 1 1 1 1
tc qdisc show dev eth0
tc qdisc replace dev eth0 root fq_codel
tc -s qdisc show dev eth0
tc -j -s qdisc show dev eth0
tc qdisc replace dev eth0 root handle 3: fq_codel limit 1000 flows 64 target 10ms interval 200ms noecn quantum 300 memory_limit 1mb ce_threshold 1ms drop_batch 32
tc qdisc show dev eth0
tc qdisc replace dev eth0 root handle 4: fq limit 1000 flow_limit 10 maxrate 1mbit quantum 3000 initial_quantum 9000 nopacing
tc qdisc show dev eth0
tc -j qdisc show dev eth0
tc qdisc replace dev eth0 root handle 5: codel limit 100 target 4ms interval 30ms ecn
tc -s qdisc show dev eth0
tc -j -s qdisc show dev eth0
tc qdisc replace dev eth0 root handle 6: fq_codel foo
