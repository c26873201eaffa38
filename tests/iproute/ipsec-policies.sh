# needs: xfrm
ip xfrm policy add src 10.0.1.0/24 dst 10.0.2.0/24 dir out tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel
ip xfrm policy add src 10.0.1.0/24 dst 10.0.2.0/24 dir out tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 1 mode tunnel
ip xfrm policy add src 10.0.2.0/24 dst 10.0.1.0/24 dir fwd priority 10 tmpl src 10.0.0.2 dst 10.0.0.1 proto esp spi 0x5 mode transport level use
ip xfrm policy add src 10.0.2.0/24 dst 10.0.1.0/24 dir in tmpl src 10.0.0.2 dst 10.0.0.1 proto esp mode tunnel
ip xfrm policy add src fd00::/64 dst fd01::/64 proto tcp dport 80 dir in action block mark 5 mask 0xff if_id 7 limit packet-hard 5 flag localok
ip xfrm policy add src 10.0.0.0/8 dst 0.0.0.0/0 proto icmp type 8 code 0 dir out
ip xfrm policy add src 10.0.0.0/8 dst 0.0.0.0/0 proto gre key 5 dir out
ip xfrm policy update src 10.0.2.0/24 dst 10.0.1.0/24 dir fwd priority 11 tmpl src 10.0.0.2 dst 10.0.0.1 proto esp mode tunnel
ip xfrm policy
ip xfrm p
ip -s xfrm policy | grep -v ' add '
ip -o xfrm policy list dir in
ip -6 xfrm policy
ip xfrm policy list src 10.0.0.0/8
ip xfrm policy get src 10.0.1.0/24 dst 10.0.2.0/24 dir out
ip xfrm policy delete src 10.0.1.0/24 dst 10.0.2.0/24 dir out
ip xfrm policy delete src 10.0.1.0/24 dst 10.0.2.0/24 dir out
ip xfrm policy add src 10.0.0.0/8
ip xfrm policy add dir nowhere
ip xfrm policy add dir out nonsense
ip xfrm policy add src 10.0.0.0/8 dst nonsense dir out
ip xfrm policy add dir out tmpl proto nonsense
ip xfrm policy delete dir out
ip xfrm policy get index 77 dir in
ip xfrm policy count
ip -s xfrm policy count
ip xfrm policy nonsense
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 5
ip xfrm state add src 10.0.0.1 dst fd00::2 proto esp spi 5 enc aes 0x1111
ip xfrm state get src 10.0.0.1 dst 10.0.0.2 proto esp spi 5
ip xfrm policy deleteall dir in
ip xfrm policy flush
ip xfrm policy
ip xfrm state flush
ip x s
