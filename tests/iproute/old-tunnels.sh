# needs: gre ipip sit
ip link add v0 type veth peer name v1
ip tunnel add t0 mode ipip local 10.0.0.1 remote 10.0.0.2 ttl 64
ip tunnel add t1 mode gre local 10.0.0.1 remote 10.0.0.2 ttl 255 key 5
ip tunnel add t2 mode gre local 10.0.0.1 remote 10.0.0.3 ikey 5 okey 6 csum seq dev v0
ip tunnel add t3 mode sit local 10.0.0.1 remote any ttl 64
ip tunnel add gre1 local 10.0.0.1 remote 10.0.0.9
ip tunnel add t6 mode ipip remote 10.0.0.7 nopmtudisc tos inherit
ip tunnel add t0 mode ipip local 10.0.0.1 remote 10.0.0.2
ip tunnel add t8 mode ipip remote 10.0.0.7 key 5
ip tunnel add t8 mode gre remote 239.1.1.1
ip tunnel add t8 mode ipip remote 10.0.0.7 nopmtudisc ttl 5
ip tunnel add t8 mode gre remote nonsense
ip tunnel add t8 mode gre dev nope remote 10.0.0.99
ip tunnel show t0
ip tunnel show gre1
ip tunnel show t2
ip tunnel show remote 10.0.0.2
ip -j tunnel show t1 | tr -d '\n'
ip tunnel change t0 ttl 5 remote 10.0.0.22
ip tunnel change t1 mode gre remote 10.0.0.33 local 10.0.0.1 key 9
ip tunnel change nope ttl 5
ip tunnel show
ip tunnel 6rd dev t3 6rd-prefix 2001:db8::/32
ip tunnel show t3
ip addr add 10.9.0.1/30 dev t1
ip link set t1 up
ip tunnel del t0
ip tunnel delete t1 mode gre
ip tunnel del t1
