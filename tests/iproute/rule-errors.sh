ip rule add
ip rule del
ip rule add from foo table 100
ip rule add from 10.0.0.0/24 table nowhere
ip rule add from 10.0.0.0/24 garbage
ip rule add pref low
ip rule add pref
ip rule add fwmark zz table 5
ip rule add uidrange 5 table 5
ip rule add dport x table 5
ip rule add ipproto sideways table 5
ip rule add from 10.0.0.0/24 table 100
ip rule add from 10.0.0.0/24 table 100
ip rule del from 1.2.3.4
ip rule frobnicate
ip rule
