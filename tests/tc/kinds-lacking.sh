# lacks: red
tc qdisc add dev eth1 root red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn adaptive bandwidth 10Mbit
tc qdisc add dev eth1 root red limit 60KB min 15KB max 45KB avpkt 1000 burst 20 probability 0.1
tc qdisc add dev eth1 root red limit 400000 avpkt 1000
tc qdisc add dev eth1 root red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 bandwidth 10mbit harddrop
tc qdisc add dev eth1 root red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 bandwidth 10mbit ecn nodrop
tc qdisc add dev eth1 root red limit 1000000 min 30000 max 90000 avpkt 1000 burst 55 bandwidth 10mbit qevent early_drop block 10
tc qdisc add dev eth1 root red foo
tc qdisc add dev eth1 root red
tc qdisc add dev eth1 root gred setup DPs 3 default 2 grio
tc qdisc add dev eth1 root gred setup vqs 16 default 1
tc qdisc change dev eth1 root gred limit 60KB min 15KB max 25KB burst 20 avpkt 1000 bandwidth 100kbit DP 1 probability 0.02 prio 2
tc qdisc change dev eth1 root gred limit 60KB min 15KB max 25KB burst 20 avpkt 1000 bandwidth 100kbit vq 1 probability 0.02 prio 2
tc qdisc add dev eth1 root gred
tc qdisc add dev eth1 root gred foo
tc qdisc add dev eth1 root pie limit 100 target 20ms tupdate 30ms alpha 2 beta 20 bytemode ecn
tc qdisc add dev eth1 root pie
tc qdisc add dev eth1 root pie noecn nobytemode dq_rate_estimator
tc qdisc add dev eth1 root pie foo
tc qdisc add dev eth1 root pie alpha 33
tc qdisc add dev eth1 root pie limit x
tc qdisc add dev eth1 root fq_pie limit 10240 flows 1024 target 15ms tupdate 15ms alpha 2 beta 20 quantum 1514 memory_limit 32Mb ecn_prob 10 ecn
tc qdisc add dev eth1 root fq_pie
tc qdisc add dev eth1 root fq_pie noecn bytemode no_dq_rate_estimator
tc qdisc add dev eth1 root fq_pie foo
tc qdisc add dev eth1 root handle 10: ets bands 8 strict 3 quanta 4000 3000 2000
tc qdisc add dev eth1 root ets bands 3
tc qdisc add dev eth1 root ets strict 3
tc qdisc add dev eth1 root ets quanta 3300 3300 3300 priomap 2 1 0
tc qdisc add dev eth1 root ets bands 17
tc qdisc add dev eth1 root ets
tc qdisc add dev eth1 root ets foo
tc qdisc add dev eth1 root ets bands 4 priomap 0 1 2 3 4
tc class change dev eth1 classid 10:1 ets quantum 3300
tc class change dev eth1 classid 10:1 ets
tc class change dev eth1 classid 10:1 ets foo
tc qdisc add dev eth1 root choke limit 1000 bandwidth 10Mbit
tc qdisc add dev eth1 root choke limit 1000 bandwidth 10mbit min 60 max 200 burst 50 avpkt 1500 ecn probability 0.1
tc qdisc add dev eth1 root choke limit 1000
tc qdisc add dev eth1 root choke
tc qdisc add dev eth1 root choke foo
tc qdisc add dev eth1 root sfb
tc qdisc add dev eth1 root sfb rehash 600s db 60s limit 1000 max 25 target 20 increment 0.0005 decrement 0.00005 penalty_rate 10 penalty_burst 20
tc qdisc add dev eth1 root sfb foo
tc qdisc add dev eth1 root codel limit 100 target 4ms interval 30ms ecn
tc qdisc add dev eth1 root codel ce_threshold 1ms noecn
tc qdisc add dev eth1 root codel foo
tc qdisc add dev eth1 root codel target x
tc qdisc add dev eth1 root handle 1: multiq
tc qdisc add dev eth1 root multiq foo
tc qdisc add dev eth1 root mqprio num_tc 4 map 0 0 0 1 1 1 1 3 queues 1@0 1@1 1@2 1@3 hw 0
tc qdisc add dev eth1 root mqprio help
tc qdisc add dev eth1 root mqprio
tc qdisc add dev eth1 root mqprio foo
tc qdisc add dev eth1 root mqprio num_tc 2 map 0 1 queues 1@0 1@1 hw 1 mode channel shaper bw_rlimit min_rate 1Gbit 2Gbit max_rate 4Gbit 5Gbit
tc qdisc replace dev eth1 parent root handle 100 taprio num_tc 3 map 2 2 1 0 2 2 2 2 2 2 2 2 2 2 2 2 queues 1@0 1@1 2@2 base-time 1528743495910289987 sched-entry S 01 300000 sched-entry S 02 300000 sched-entry S 04 300000 clockid CLOCK_TAI
tc qdisc replace dev eth1 parent root handle 100 taprio num_tc 3 map 2 2 1 0 2 2 2 2 2 2 2 2 2 2 2 2 queues 1@0 1@0 1@0 base-time 1528743495910289987 sched-entry S 01 300000 sched-entry S 02 400000 txtime-delay 500000 flags 0x1 clockid CLOCK_TAI
tc qdisc add dev eth1 root taprio foo
tc qdisc add dev eth1 root taprio
tc qdisc add dev eth1 root taprio num_tc 1 map 0 queues 1@0 base-time 0 cycle-time 1000000 cycle-time-extension 10 sched-entry S 01 300000 flags 0x2
tc qdisc add dev eth1 root cbs idleslope 98688 sendslope -901312 hicredit 153 locredit -1389
tc qdisc replace dev eth1 parent 1:1 cbs idleslope 98688 sendslope -901312 hicredit 153 locredit -1389 offload 1
tc qdisc add dev eth1 root cbs
tc qdisc add dev eth1 root cbs foo
tc qdisc add dev eth1 root cbs hicredit x
tc qdisc add dev eth1 root etf delta 500000 clockid CLOCK_TAI
tc qdisc add dev eth1 root etf clockid CLOCK_TAI delta 300000 offload deadline_mode skip_sock_check
tc qdisc add dev eth1 root etf
tc qdisc add dev eth1 root etf foo
tc qdisc add dev eth1 root etf clockid FOO
tc qdisc add dev eth1 root skbprio
tc qdisc add dev eth1 root skbprio limit 64
tc qdisc add dev eth1 root skbprio foo
tc qdisc add dev eth1 root plug
tc qdisc add dev eth1 root plug limit 1000
tc qdisc change dev eth1 root plug block
tc qdisc change dev eth1 root plug release
tc qdisc change dev eth1 root plug release_indefinite
tc qdisc add dev eth1 root plug foo
tc qdisc add dev eth1 root drr
tc qdisc add dev eth1 root drr foo
tc class add dev eth1 parent 1: classid 1:1 drr
tc class add dev eth1 parent 1: classid 1:1 drr quantum 1500
tc class add dev eth1 parent 1: classid 1:1 drr foo
tc qdisc add dev eth1 root qfq
tc qdisc add dev eth1 root qfq foo
tc class add dev eth1 parent 1: classid 1:1 qfq weight 10 maxpkt 1000
tc class add dev eth1 parent 1: classid 1:1 qfq
tc class add dev eth1 parent 1: classid 1:1 qfq weight x
tc class add dev eth1 parent 1: classid 1:1 qfq foo
tc qdisc add dev eth1 root hhf
tc qdisc add dev eth1 root hhf limit 1000 quantum 1500 hh_limit 100 reset_timeout 40ms admit_bytes 128k evict_timeout 1s non_hh_weight 2
tc qdisc add dev eth1 root hhf foo
tc qdisc add dev eth1 root sfq red limit 3000 flows 512 divisor 16384 min 800 max 8000 probability 0.1 ecn headdrop redflowlimit 10000
tc qdisc add dev eth1 root sfq perturb 10 redflowlimit 100000 min 8000 max 60000 probability 0.20 ecn headdrop
tc qdisc add dev eth1 root sfq limit 3000 flows 512 divisor 16384 redflowlimit 100000 min 8000 max 60000 probability 0.20 ecn headdrop
tc qdisc add dev eth1 root dsmark indices 64
tc qdisc add dev eth1 root dsmark indices 64 set_tc_index
tc class change dev eth1 classid 1:1 dsmark mask 0x3 value 0xb8
tc qdisc add dev eth1 root fq nopacing
tc qdisc add dev eth1 root fq limit 100 flow_limit 10 ce_threshold 4ms horizon 10s horizon_drop
tc qdisc add dev eth1 root fq horizon_cap
tc qdisc add dev eth1 root fq_codel memory_limit 32Mb drop_batch 64 ce_threshold_selector 0x02/0x3
tc qdisc add dev eth1 root cake bandwidth 20mbit besteffort dual-srchost nat wash ack-filter rtt 50ms
tc qdisc add dev eth1 root cake bandwidth 50mbit docsis internet ethernet ether-vlan
tc qdisc add dev eth1 root cake pppoe-ptm ack-filter-aggressive
tc qdisc add dev eth1 root cake raw autorate-ingress ingress memlimit 1mb fwmark 0xff
tc qdisc add dev eth1 root cake datacentre conservative
tc qdisc add dev eth1 root cake lan overhead 10 mpu 64 ptm
