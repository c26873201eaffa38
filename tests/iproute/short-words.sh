ip l
ip a
ip r
ip l a v0 type veth peer name v1
ip l s v0
ip l set v0 up
ip a a 10.1.0.1/24 dev v0
ip a s v0
ip ro a 10.2.0.0/16 via 10.1.0.2
ip r s
ip r d 10.2.0.0/16
ip ru
ip nei
ip n a 10.1.0.9 lladdr 02:00:00:00:00:09 dev v0
ip n s dev v0
ip li del v0
ip li ls
