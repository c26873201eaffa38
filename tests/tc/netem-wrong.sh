tc qdisc add dev eth0 root netem delay
tc qdisc add dev eth0 root netem delay foo
tc qdisc add dev eth0 root netem loss 101%
tc qdisc add dev eth0 root netem loss foo
tc qdisc add dev eth0 root netem loss
tc qdisc add dev eth0 root netem foo
tc qdisc add dev eth0 root netem delay 10ms reorder
tc qdisc add dev eth0 root netem reorder 5%
tc qdisc add dev eth0 root netem distribution normal
tc qdisc add dev eth0 root netem ecn
tc qdisc add dev eth0 root netem gap 5
tc qdisc add dev eth0 root netem rate foo
tc qdisc add dev eth0 root netem loss state
tc qdisc add dev eth0 root netem loss gemodel x
tc qdisc add dev eth0 root netem duplicate x
tc qdisc add dev eth0 root netem corrupt x
tc qdisc add dev eth0 root netem slot x
tc qdisc add dev eth0 root netem limit x
