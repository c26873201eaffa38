# needs: ets drr qfq fq_codel
tc qdisc add dev eth0 root handle 10: ets bands 8 strict 3 quanta 4000 3000 2000 priomap 3 2 1 0
tc qdisc show dev eth0
tc -j qdisc show dev eth0
tc class show dev eth0
tc class change dev eth0 classid 10:4 ets quantum 3300
tc class change dev eth0 classid 10:1 ets quantum 3300
tc -s class show dev eth0
tc qdisc add dev eth0 parent 10:4 handle 20: pfifo limit 100
tc qdisc show dev eth0
tc qdisc change dev eth0 root ets quanta 3300 3300 priomap 1 0
tc qdisc show dev eth0
tc qdisc del dev eth0 root
tc qdisc add dev eth0 root handle 1: drr
tc class add dev eth0 parent 1: classid 1:1 drr
tc class add dev eth0 parent 1: classid 1:2 drr quantum 3000
tc class change dev eth0 parent 1: classid 1:2 drr quantum 4000
tc -s class show dev eth0
tc class del dev eth0 classid 1:1
tc class show dev eth0
tc qdisc replace dev eth0 root handle 2: qfq
tc class add dev eth0 parent 2: classid 2:1 qfq weight 10 maxpkt 2000
tc class add dev eth0 parent 2: classid 2:2 qfq
tc -s class show dev eth0
tc qdisc add dev eth2 root fq_codel limit 1000 flows 256 target 3ms interval 40ms noecn memory_limit 16Mb ce_threshold 2ms ce_threshold_selector 0x1/0x3
tc -s -d qdisc show dev eth2
tc -j -s -d qdisc show dev eth2
tc -s class show dev eth2
