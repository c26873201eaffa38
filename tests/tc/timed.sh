# needs: cbs etf mqprio taprio
ip link add m0 numtxqueues 4 numrxqueues 4 type veth peer name m1 numtxqueues 4 numrxqueues 4; ip link set m0 up; ip link set m1 up
tc qdisc add dev m0 root handle 1: mqprio num_tc 4 map 0 0 0 1 1 1 1 3 queues 1@0 1@1 1@2 1@3 hw 0
tc qdisc show dev m0 root
tc -j qdisc show dev m0 root
tc class show dev m0
tc qdisc add dev m0 parent 1:1 handle 10: cbs idleslope 98688 sendslope -901312 hicredit 153 locredit -1389
tc qdisc replace dev m0 parent 1:2 handle 20: etf delta 500000 clockid CLOCK_TAI
tc qdisc show dev m0 handle 10:
tc -j qdisc show dev m0 handle 10:
tc qdisc show dev m0 handle 20:
tc -j qdisc show dev m0 handle 20:
tc qdisc replace dev m0 parent 1:3 handle 30: etf clockid TAI delta 300000 deadline_mode skip_sock_check
tc qdisc show dev m0 handle 30:
tc qdisc del dev m0 root
tc qdisc add dev m0 root handle 100: taprio num_tc 3 map 2 2 1 0 2 2 2 2 2 2 2 2 2 2 2 2 queues 1@0 1@1 2@2 base-time 1000000000 sched-entry S 01 300000 sched-entry S 02 300000 sched-entry S 04 400000 clockid CLOCK_TAI
tc qdisc show dev m0 root
tc -j qdisc show dev m0 root
tc qdisc del dev m0 root
tc qdisc add dev m0 root handle 100: taprio num_tc 1 map 0 queues 1@0 base-time 0 cycle-time 1000000 sched-entry S 01 300000 sched-entry H 00 700000 clockid CLOCK_REALTIME
tc qdisc add dev m0 root handle 100: taprio num_tc 1 map 0 queues 1@0 base-time 0 cycle-time 1000000 sched-entry S 01 300000 sched-entry S 00 700000 clockid CLOCK_REALTIME
tc qdisc show dev m0 root
tc qdisc add dev m1 root handle 7: mq
tc qdisc show dev m1
tc class show dev m1
tc qdisc replace dev m1 parent 7:2 pfifo limit 10
tc qdisc show dev m1
