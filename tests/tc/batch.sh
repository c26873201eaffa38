printf 'qdisc add dev eth0 root handle 1: htb default 10\n# a remark\nclass add dev eth0 parent 1: classid 1:10 htb rate 1mbit\n\nclass add dev eth0 parent 1: \\\n  classid 1:11 htb rate 2mbit\nqdisc show dev eth0\n' > batch
tc -b batch
tc -batch batch
tc -force -batch batch
tc class show dev eth0
printf 'qdisc del dev eth0 root\n' | tc -b -
tc -b no-such-file
tc qdisc show dev eth0
printf 'qdisc add dev eth0 root tbf rate x\nqdisc show dev eth0\n' > wrong
tc -b wrong
tc -force -b wrong
