ip link add v0 type veth peer name v1
ip link add mv0 link v0 type macvlan mode bridge
ip link add mv1 link v0 address 02:00:00:00:00:11 type macvlan mode private
ip link add link v0 name mv2 type macvlan mode vepa
ip link add mv3 link v0 type macvtap mode bridge
ip -d link show mv0
ip -d -j link show mv1
ip link show type macvlan
ip link add mv4 link v0 type macvlan mode sideways
ip netns add far
ip link set mv2 netns far
ip -n far link show mv2
ip -n far -j link show mv2
ip link del v0
ip link
