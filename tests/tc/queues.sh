# needs: multiq skbprio plug prio
ip link add m0 numtxqueues 4 numrxqueues 4 type veth peer name m1 numtxqueues 4 numrxqueues 4; ip link set m0 up; ip link set m1 up
tc qdisc add dev eth0 root handle 1: multiq
tc qdisc add dev m0 root handle 1: multiq
tc qdisc show dev m0 root
tc class show dev m0
tc qdisc add dev eth0 root skbprio
tc qdisc show dev eth0
tc qdisc change dev eth0 root skbprio limit 32
tc qdisc show dev eth0
tc -j qdisc show dev eth0
tc class show dev eth0
tc qdisc add dev eth2 root plug limit 10000
tc qdisc show dev eth2
tc qdisc change dev eth2 root plug block
tc qdisc change dev eth2 root plug release
tc qdisc change dev eth2 root plug release_indefinite
tc -j qdisc show dev eth2
tc qdisc replace dev eth2 root handle 3: prio bands 4 priomap 0 1 2 3 0 1 2 3 0 0 0 0 0 0 0 0
tc qdisc show dev eth2
tc class show dev eth2
tc qdisc add dev eth2 parent 3:1 handle 31: pfifo limit 5
tc qdisc add dev eth2 parent 3:2 handle 32: tbf rate 1mbit burst 10k latency 20ms
tc -s qdisc show dev eth2
tc -g class show dev eth2
