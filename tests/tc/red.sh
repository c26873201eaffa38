# needs: red gred choke sfb sfq
tc qdisc add dev eth0 root red limit 400000 min 30000 max 90000 avpkt 1000 burst 55 ecn adaptive bandwidth 10Mbit
tc qdisc show dev eth0
tc -d qdisc show dev eth0
tc -s -j -d qdisc show dev eth0
tc qdisc change dev eth0 root red limit 60KB min 15KB max 45KB avpkt 1000 burst 20 probability 0.1 harddrop
tc -s qdisc show dev eth0
tc qdisc replace dev eth0 root handle 1: red limit 400000 avpkt 1000 ecn nodrop
tc -d qdisc show dev eth0
tc qdisc del dev eth0 root
tc qdisc add dev eth0 root red limit 1000000 min 30000 max 90000 avpkt 1000 burst 55 bandwidth 10mbit ecn qevent mark block 10 qevent early_drop block 11
tc qdisc show dev eth0
tc -j qdisc show dev eth0
tc qdisc add dev eth2 root handle 2: gred setup DPs 3 default 2 grio
tc qdisc change dev eth2 root gred limit 60KB min 15KB max 25KB burst 20 avpkt 1000 bandwidth 10Mbit DP 1 probability 0.02 prio 2
tc qdisc change dev eth2 root gred limit 60KB min 15KB max 25KB avpkt 1000 vq 2 probability 0.02 prio 3 ecn
tc qdisc show dev eth2
tc -d -j qdisc show dev eth2
tc -s qdisc show dev eth2
tc qdisc del dev eth2 root
tc qdisc add dev eth2 root handle 3: choke limit 1000 bandwidth 10Mbit
tc -d -s qdisc show dev eth2
tc qdisc change dev eth2 root choke limit 1000 bandwidth 10Mbit min 60 max 200 burst 80 ecn
tc -j -d -s qdisc show dev eth2
tc qdisc replace dev eth2 root handle 4: sfb
tc -s -d qdisc show dev eth2
tc qdisc change dev eth2 root sfb limit 500 max 30 target 20 increment 0.001 decrement 0.0001 penalty_rate 5 penalty_burst 10
tc -j -s -d qdisc show dev eth2
tc qdisc replace dev eth2 root handle 5: sfq limit 3000 flows 512 divisor 16384 redflowlimit 100000 min 8000 max 60000 probability 0.20 ecn headdrop perturb 10
tc qdisc show dev eth2
tc -s -d qdisc show dev eth2
tc -j -s -d qdisc show dev eth2
