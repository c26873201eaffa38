ip link add v type veth peer name w
ip link set v up; ip link set w up; ip link set lo up
ip -6 addr add fd00::1/64 dev v nodad
ip -6 route add fc00::1/128 encap seg6local action End dev v
ip -6 route add fc00::2/128 encap seg6local action End.X nh6 fd00::2 dev v
ip -6 route add fc00::3/128 encap seg6local action End.T table 100 dev v
ip -6 route add fc00::4/128 encap seg6local action End.DX2 oif w dev v
ip -6 route add fc00::5/128 encap seg6local action End.DX6 nh6 fd00::2 dev v
ip -6 route add fc00::6/128 encap seg6local action End.DX4 nh4 10.0.0.2 dev v
ip -6 route add fc00::7/128 encap seg6local action End.DT6 table main dev v
ip -6 route add fc00::8/128 encap seg6local action End.DT6 table 254 dev v
ip -6 route add fc00::9/128 encap seg6local action End.DT4 vrftable 100 dev v
ip -6 route add fc00::a/128 encap seg6local action End.DT46 vrftable 100 dev v
ip -6 route add fc00::b/128 encap seg6local action End.B6.Encaps srh segs fc00:1::1,fc00:2::1 dev v
ip -6 route add fc00::c/128 encap seg6local action End.B6 srh segs fc00:1::1 dev v
ip -6 route add fc00::d/128 encap seg6local action End flavors psp dev v
ip -6 route add fc00::e/128 encap seg6local action End flavors next-csid lblen 48 nflen 16 dev v
ip -6 route add fc00::f/128 encap seg6local action End flavors psp,usd count dev v
ip -6 route add fc00::10/128 encap seg6local action End count dev v
ip -6 route add fc00::11/128 encap seg6local action End flavors nosuch dev v
ip -6 route add fc00::12/128 encap seg6local action Nosuch dev v
ip -6 route add fc00::13/128 encap seg6local dev v
ip -6 route add fc00::14/128 encap seg6local action End.X dev v
ip -6 route add fc00::15/128 encap seg6local action End table nosuch dev v
ip -6 route add fc00::16/128 encap seg6local action End.DX2 oif nosuch dev v
ip -6 route add fc00::17/128 encap seg6local action End action End dev v
ip -6 route add fc00::18/128 encap seg6local table 5 action End.T dev v
ip -6 route add fc00::19/128 encap seg6local action End.X nh6 10.0.0.1 dev v
ip -6 route add fc00::1a/128 encap seg6local action End.DX4 nh4 fd00::1 dev v
ip -6 route add fc00::1b/128 encap seg6local action End flavors next-csid lblen 300 dev v
ip -6 route add fc00::1c/128 encap seg6local action End.B6 dev v
ip -6 route add fc00::1d/128 encap seg6local action End.B6 srh hmac 1 dev v
ip -6 route add fc00::1e/128 encap seg6local action
ip -6 route add fc00::20/128 encap seg6local action 1 dev v
ip -6 route show | grep seg6local
ip -s -6 route show fc00::10
ip -j -6 route show
ip -j -s -6 route show fc00::10
ip -6 route add fc00::30/128 encap seg6 mode encap segs fc00:1::1,fc00:2::1 dev v
ip -6 route add fc00::31/128 encap seg6 mode inline segs fc00:1::1 dev v
ip -6 route add fc00::32/128 encap seg6 mode l2encap segs fc00:1::1 dev v
ip -6 route add fc00::33/128 encap seg6 mode encap.red segs fc00:1::1 dev v
ip -6 route add fc00::34/128 encap seg6 mode encap segs fc00:1::1 hmac 5 dev v
ip route add 10.9.0.0/16 encap seg6 mode encap segs fc00:1::1 dev v
ip -6 route show | grep 'seg6 '
ip route show
ip -N -d route show table all
