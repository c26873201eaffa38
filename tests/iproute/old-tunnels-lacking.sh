# lacks: ipip
ip tunnel
ip -6 tunnel show
ip -j tunnel show
ip tunnel add t0 mode ipip local 10.0.0.1 remote 10.0.0.2
ip tunnel add t0 mode gre local 10.0.0.1 remote 10.0.0.2 ttl 255
ip tunnel add t0 mode sit remote any local 10.0.0.1
ip tunnel add t0 mode vti local 10.0.0.1 remote 10.0.0.2 key 5
ip tunnel add t0 mode nosuch
ip tunnel add t0
ip tunnel del t0
ip tunnel change t0 ttl 5
ip tunnel show t0
ip -6 tunnel add t6 mode ip6ip6 local fd00::1 remote fd00::2
ip -6 tunnel add t6 mode ip6gre local fd00::1 remote fd00::2
ip -6 tunnel del t6
ip -6 tunnel show t6
ip tunnel nosuch
