ip mroute
ip -j mroute
ip -6 mroute show
ip mroute show table all
ip mroute show nosuch
ip mroute nosuch
ip mrule
ip -6 mrule show
ip -j mrule
ip mrule add table 5
ip mrule
ip mrule add from 10.0.0.0/8 table 5
ip mrule del table 5
ip mrule
ip mrule nosuch
ip vrf
ip vrf show nope
ip vrf identify
ip vrf identify nosuch
ip vrf identify 99999999
ip vrf exec nope true
ip vrf exec
ip vrf exec nope
ip vrf pids nope
ip vrf pids
