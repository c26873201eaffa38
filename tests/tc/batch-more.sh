printf 'qdisc add dev eth0 root handle 1: htb default 1\n# a remark\n\nclass add dev eth0 parent 1: classid 1:1 htb rate 1mbit # behind\nclass add dev eth0 parent 1: classid 1:1 htb rate 1mbit\nqdisc show dev eth0\n' >lines
tc -batch lines
tc -force -batch lines
tc -b - <lines
printf 'filter add dev eth0 parent 1: protocol ip prio 1 u32 \\\n match ip dst 10.0.0.0/8 \\\n flowid 1:1\nfilter show dev eth0\n' | tc -b -
tc -batch nofile
tc -force -batch nofile
printf 'qdisc foo\nqdisc show dev eth0\n' | tc -force -b -
printf 'qdisc add dev eth1 root foo\nqdisc show dev eth0\n' | tc -force -b -
printf 'qdisc show dev nodev\nclass show dev eth0\n' | tc -force -b -
printf 'qdisc show dev eth0\nclass show dev eth0\n' | tc -j -b -
tc -n nope qdisc show
ip netns add blue; tc -n blue qdisc add dev lo root handle 5: pfifo; tc -netns blue qdisc show; ip netns exec blue tc qdisc show dev lo; ip netns del blue
tc exec
tc exec foo
tc exec foo bar
tc -batch
