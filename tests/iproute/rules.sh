ip rule
ip -6 rule
ip rule add from 10.0.0.0/24 table 100
ip rule add from 10.0.0.1 to 10.1.0.0/16 lookup main priority 50
ip rule add fwmark 5 table 200 pref 60
ip rule add fwmark 0x10/0xff iif lo table 1000
ip rule add not from 10.2.0.0/16 oif lo table 100
ip rule add uidrange 0-100 ipproto tcp dport 80 table 100
ip rule add ipproto udp sport 100-200 table 100
ip rule add from 10.3.0.0/16 blackhole
ip rule add to 10.4.0.0/16 prohibit
ip rule add unreachable tos 0x10
ip rule add goto 32766 pref 10
ip rule add table main suppress_prefixlength 0 pref 99
ip rule add from 10.9.0.0/16 iif nope table 100 protocol static
ip -6 rule add from 2001:db8::/32 table 100
ip rule
ip ru s
ip -j rule
ip -p -j rule
ip -6 rule
ip rule show table 100
ip rule list priority 50
ip rule show fwmark 5
ip rule del pref 60
ip rule del from 10.0.0.0/24 table 100
ip rule del fwmark 0x10/0xff
ip rule del pref 9999
ip rule flush
ip rule
ip rule add from 10.4.0.0/16 table 100 realms 1/2
ip rule add from 10.4.0.0/17 table 100 realms 3
ip rule add from 10.4.0.0/16 table 100 realms x/2
ip rule add from fd00:1::/64 table 100
ip rule show table 100
ip -j rule show table 100
ip -6 rule
