# lacks: l2tp
ip l2tp show tunnel
ip l2tp show session
ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 2 encap udp local 10.0.0.1 remote 10.0.0.2 udp_sport 5000 udp_dport 5001
ip macsec show
ip fou show
ip fou add port 5555 ipproto 4
