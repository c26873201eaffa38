# needs: basic route cgroup flow fw
tc qdisc add dev eth0 root handle 1: htb
tc class add dev eth0 parent 1: classid 1:1 htb rate 1mbit
tc filter add dev eth0 parent 1: protocol ip prio 1 basic match 'meta(priority eq 6)' flowid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 2 basic match 'cmp(u16 at 3 layer 2 mask 0xff00 gt 20) and not u32(u16 0x1122 0xffff at nexthdr+4)' classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 3 basic match 'meta(tc_index mask 0xf0 eq 0xf0) or (cmp(u8 at 1 layer 1 eq 5) and meta(nf_mark gt 24))' classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 4 handle 7 basic action drop
tc filter show dev eth0 parent 1:
tc filter show dev eth0 parent 1: prio 4
tc filter del dev eth0 parent 1:
tc filter add dev eth0 parent 1: protocol ip prio 100 route to 10 classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 100 route from 3 to 10 classid 1:1
tc filter add dev eth0 parent 1: protocol ip prio 101 route fromif eth2 flowid 1:1
tc filter show dev eth0 parent 1:
tc filter del dev eth0 parent 1:
tc filter add dev eth0 parent 1: protocol ip prio 10 handle 1: cgroup
tc filter add dev eth0 parent 1: protocol all prio 11 handle 1 flow hash keys src,dst,proto,proto-src,proto-dst divisor 1024 perturb 10
tc filter add dev eth0 parent 1: protocol all prio 12 handle 2 flow map key dst addend -192.168.0.0 divisor 256
tc filter add dev eth0 parent 1: protocol all prio 13 handle 3 flow map key mark and 0xff rshift 1 baseclass 1:1
tc filter add dev eth0 parent 1: protocol all prio 14 handle 4 flow map key mark or 0xff
tc filter show dev eth0 parent 1:
tc filter del dev eth0 parent 1: prio 11
tc filter del dev eth0 parent 1:
tc filter add dev eth0 parent 1: protocol ip prio 1 handle 6 fw classid 1:1 action pass
tc filter add dev eth0 parent 1: protocol ip prio 2 handle 0x10/0xf0 fw classid 1:1 indev eth2
tc filter show dev eth0 parent 1:
