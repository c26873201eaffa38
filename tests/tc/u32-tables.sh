tc qdisc add dev eth0 root handle 1: htb
tc filter add dev eth0 parent 1:0 prio 5 protocol ip u32
tc filter add dev eth0 parent 1:0 prio 5 handle 2: protocol ip u32 divisor 256
tc filter add dev eth0 protocol ip parent 1:0 prio 5 u32 ht 2:7b: match ip src 1.2.0.123 flowid 1:1
tc filter add dev eth0 protocol ip parent 1:0 prio 5 u32 ht 2:7b: match ip src 1.2.1.123 flowid 1:2
tc filter add dev eth0 protocol ip parent 1:0 prio 5 u32 ht 800:: match ip src 1.2.0.0/16 hashkey mask 0x000000ff at 12 link 2:
tc filter add dev eth0 protocol ip parent 1:0 prio 5 u32 order 5 match ip dst 10.0.0.0/8 flowid 1:3
tc filter show dev eth0
tc -s -j filter show dev eth0
tc filter add dev eth0 parent 1:0 prio 6 handle 3: protocol ip u32 divisor 3
tc filter add dev eth0 parent 1:0 prio 6 handle 3: protocol ip u32 divisor 1
tc filter add dev eth0 protocol ip parent 1: prio 6 u32 match ip protocol 6 0xff link 3: offset at 0 mask 0x0f00 shift 6
tc filter add dev eth0 protocol ip parent 1: prio 6 u32 ht 3: match tcp dst 80 0xffff flowid 1:4
tc filter show dev eth0
tc filter del dev eth0 parent 1: protocol ip prio 5
tc filter show dev eth0
