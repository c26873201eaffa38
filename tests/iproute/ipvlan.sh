# needs: ipvlan
ip link add v0 type veth peer name v1
ip link add iv0 link v0 type ipvlan mode l2
ip -d link show iv0
ip -d -j link show iv0
ip link add iv1 link v0 type ipvlan mode sideways
ip netns add far
ip link set iv0 netns far
ip -n far link
