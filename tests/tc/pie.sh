# needs: pie fq_pie hhf
tc qdisc add dev eth0 root pie
tc qdisc show dev eth0
tc -s qdisc show dev eth0
tc qdisc change dev eth0 root pie limit 100 target 20ms tupdate 30ms alpha 3 beta 25 bytemode ecn dq_rate_estimator
tc -s -d qdisc show dev eth0
tc -j -s -d qdisc show dev eth0
tc qdisc replace dev eth0 root handle 2: fq_pie
tc -s qdisc show dev eth0
tc qdisc replace dev eth0 root handle 3: fq_pie limit 1000 flows 512 target 10ms tupdate 20ms alpha 3 beta 21 quantum 2000 memory_limit 16Mb ecn_prob 20 ecn bytemode
tc -s -d qdisc show dev eth0
tc -j -s -d qdisc show dev eth0
tc qdisc change dev eth0 root fq_pie noecn nobytemode
tc qdisc show dev eth0
tc qdisc add dev eth2 root hhf
tc qdisc show dev eth2
tc qdisc change dev eth2 root hhf limit 500 quantum 1500 hh_limit 1024 reset_timeout 60ms admit_bytes 65536 evict_timeout 2s non_hh_weight 3
tc -s -d qdisc show dev eth2
tc -j -s -d qdisc show dev eth2
tc qdisc change dev eth2 root hhf admit_bytes 64k
