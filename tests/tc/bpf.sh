tc qdisc add dev eth0 root handle 1: htb
tc qdisc add dev eth0 clsact
tc filter add dev eth0 parent 1: protocol ip prio 1 bpf bytecode '1,6 0 0 4294967295,' flowid 1:1
tc filter add dev eth0 parent 1: protocol all prio 2 bpf bytecode '4,40 0 0 12,21 0 1 2048,6 0 0 65535,6 0 0 0' flowid 1:2 skip_hw
tc filter add dev eth0 ingress protocol all prio 3 handle 5 bpf bytecode '1,6 0 0 0' direct-action
tc filter add dev eth0 ingress protocol all prio 4 bpf run bytecode '1,6 0 0 1' action mirred egress redirect dev eth2
tc filter show dev eth0 parent 1:
tc filter show dev eth0 ingress
tc -j filter show dev eth0 ingress
tc filter add dev eth0 ingress bpf bytecode '2,6 0 0 1,' flowid 1:1
tc filter add dev eth0 ingress bpf bytecode '1,6 0 0 1,6 0 0 1' flowid 1:1
tc filter add dev eth0 ingress bpf bytecode '1,6,0,0,1' flowid 1:1
tc filter add dev eth0 ingress bpf bytecode x
tc filter add dev eth0 ingress bpf foo
tc filter add dev eth0 ingress bpf obj
tc filter add dev eth0 ingress bpf
tc filter add dev eth0 ingress bpf bytecode-file nofile
echo '1,6 0 0 4294967295,' >code; tc filter add dev eth0 ingress prio 9 bpf bytecode-file code flowid 1:3
tc filter show dev eth0 ingress prio 9
tc filter replace dev eth0 ingress protocol all prio 9 handle 1 bpf bytecode '1,6 0 0 7' flowid 1:4
tc filter show dev eth0 ingress prio 9
tc filter del dev eth0 ingress prio 9
tc filter show dev eth0 ingress
