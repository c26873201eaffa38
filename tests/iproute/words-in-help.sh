# Scripts look for a word in the help before they use it.
ip help 2>&1 | grep -c '^Usage: ip '
ip help 2>&1 | grep -ow nexthop
ip help 2>/dev/null | wc -c
ip link help 2>&1 | grep -c '^Usage: ip link'
ip link help 2>&1 | grep -ow vxlan
ip link help 2>&1 | grep -ow bridge_slave
ip link help 2>&1 | grep -q '\sbond\s'
ip link help 2>&1 | grep -q '\snosuch\s'
ip link help vxlan 2>&1 | grep -ow vnifilter
ip link help vxlan 2>/dev/null | grep -c '^Usage: \.\.\. vxlan'
ip link help bridge | grep -o 'vlan_filtering'
ip link help gretap 2>&1 | grep -c '^Usage:'
ip link help macvlan > /dev/null
ip link help nosuch 2> /dev/null > /dev/null
ip link add type vxlan help 2>&1 | grep -ow dstport
ip link add type bond help > /dev/null 2> /dev/null
ip link set help > /dev/null 2> /dev/null
ip link show help > /dev/null 2> /dev/null
ip link property help > /dev/null 2> /dev/null
ip addr help 2>&1 | grep -ow metric
ip addr help 2>&1 | grep -ow noprefixroute
ip addr add help 2>/dev/null
ip route help 2>&1 | grep -ow fibmatch
ip route help 2>&1 | grep -ow nhid
ip route get help 2>&1 | grep -ow ipproto
ip route get help 2>&1 | grep -ow dport
ip route add help 2>/dev/null
ip rule help 2>&1 | grep -ow ipproto | head -1
ip rule help 2>&1 | grep -ow uidrange
ip rule help 2>&1 | grep -ow suppress_prefixlength
ip neigh help 2>&1 | grep -o 'ip neigh get'
ip neigh help 2>&1 | grep -ow extern_learn
ip nexthop help 2>&1 | grep -ow fdb | head -1
ip netns help 2>&1 | grep -o 'ip netns attach'
ip tuntap help 2>&1 | grep -ow multi_queue
ip maddr help 2>&1 | grep -c Usage
ip vrf help 2>&1 | grep -c 'ip vrf show'
ip netconf help 2>&1 | grep -c Usage
ip monitor help 2>&1 | grep -ow label
ip -V | grep -oE 'iproute2-[0-9]+'
ip -Version | grep -c 'ip utility, iproute2'
bridge -V | grep -c 'bridge utility, [0-9]'
tc -V | grep -c 'tc utility, iproute2'
tc help 2>/dev/null
tc qdisc help 2>/dev/null
tc filter help 2>&1 | grep -c Usage
bridge link help 2>&1 | grep -ow isolated
bridge fdb help 2>&1 | grep -ow extern_learn | head -1
bridge vlan help 2>&1 | grep -ow pvid | head -1
ip link add name v type veth peer name w
ip link set name v up
ip link set name x1 dev v
ip link set name v down
ip link show v
ip link del name nosuch
ip link set dev v name v
ip link del name v
ip link
