# needs: matchall gact police skbedit vlan_action fw
tc qdisc add dev eth0 clsact
tc filter add dev eth0 egress matchall action mirred egress mirror dev eth2
tc filter add dev eth0 ingress matchall skip_hw action police rate 1mbit burst 10k conform-exceed drop/pipe action gact pass
tc filter add dev eth0 ingress protocol ip prio 7 u32 match u32 0 0 action skbedit mark 5 priority 1:2
tc filter add dev eth0 ingress protocol ip prio 8 u32 match u32 0 0 action gact drop random determ ok 5
tc filter add dev eth0 ingress protocol ip prio 9 u32 match u32 0 0 action vlan push id 5 priority 2 action mirred ingress redirect dev eth2
tc filter add dev eth0 ingress chain 5 protocol ip pref 7 matchall action goto chain 6
tc filter show dev eth0 ingress
tc filter show dev eth0 egress
tc -s filter show dev eth0 ingress
tc -j -s -d filter show dev eth0 ingress
tc qdisc del dev eth0 clsact
tc qdisc add dev eth0 handle ffff: ingress
tc filter add dev eth0 parent ffff: protocol ip prio 50 u32 match ip src 0.0.0.0/0 police rate 800kbit burst 10k drop flowid :1
tc filter show dev eth0 parent ffff:
tc qdisc add dev eth0 root handle 1: htb
tc filter add dev eth0 parent 1: handle 6 fw flowid 1:6
tc filter add dev eth0 parent 1: protocol ip prio 3 handle 0x6/0xff fw classid 1:6
tc filter show dev eth0 parent 1:
tc actions add action drop index 5
tc filter add dev eth0 parent 1: protocol ip matchall foo
tc filter add dev eth0 parent 1: protocol ip handle x fw
