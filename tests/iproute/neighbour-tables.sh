ip link add v0 type veth peer name v1
ip ntable change name arp_cache dev v0 queue 50 locktime 5000 app_probes 2 base_reachable 20000
ip ntable show dev v0 name arp_cache | grep -v reachable
ip ntable change name ndisc_cache dev v0 retrans 2000
ip ntbl show name ndisc_cache dev v0 | grep -v reachable
ip -j ntable show name arp_cache dev v0 | sed 's/"reachable":[0-9]*//'
ip ntable show dev nope
ip ntable show name nosuch
ip ntable show nosuch
ip ntable change name arp_cache dev v0
ip ntable change name arp_cache dev nope queue 50
ip ntable change name arp_cache queue nosuch
ip ntable change name arp_cache nosuch
ip ntable change dev v0
ip ntable change name nosuch thresh1 100
ip ntable nosuch
