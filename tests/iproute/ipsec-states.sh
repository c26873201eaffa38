# needs: esp
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100 reqid 1 mode tunnel auth sha256 0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef enc aes 0x0123456789abcdef0123456789abcdef
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 mode transport auth-trunc "hmac(sha256)" 0x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 128 enc "cbc(aes)" 0x0123456789abcdef0123456789abcdef replay-window 32 flag af-unspec
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x102 mode transport aead "rfc4106(gcm(aes))" 0x0123456789abcdef0123456789abcdef01234567 128 sel src 10.0.0.1/32 dst 10.0.0.2/32 proto tcp dport 80
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x105 mode tunnel enc "cbc(aes)" 0x0123456789abcdef0123456789abcdef auth "hmac(sha1)" 0x0123456789abcdef0123456789abcdef01234567 encap espinudp 4500 4500 0.0.0.0 limit byte-soft 5000
ip -6 xfrm state add src fd00::1 dst fd00::2 proto esp spi 0x107 mode transport enc "cbc(aes)" 0x0123456789abcdef0123456789abcdef auth sha1 0x0123456789abcdef0123456789abcdef01234567
ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100 mode tunnel auth sha256 0x01 enc aes 0x0123456789abcdef0123456789abcdef
ip xfrm state | grep -v lastused
ip xfrm state list nokeys reqid 1 | grep -v lastused
ip xfrm state list mode transport | grep -c '^src'
ip xfrm state get src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x101 | grep -v lastused
ip xfrm state delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100
ip xfrm state delete src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x100
ip xfrm state count
ip xfrm state deleteall src fd00::1
ip xfrm state count
ip xfrm state flush
ip xfrm state
