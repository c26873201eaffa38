ip netns
ip -j netns
ip netns add one
ip netns add two
ip netns add one
ip netns add
ip netns list
ip -j netns list
ip netns set one 7
ip netns
ip netns set two auto
ip netns set two x
ip netns set nope 3
ip netns list-id
ip netns identify
ip netns identify $$
ip netns exec one ip netns identify
ip netns pids one
ip netns exec one sh -c 'exit 7'
ip netns exec one true
ip netns exec nope true
ip netns exec one no-such-program-here
ip netns exec one
ip netns exec
ip -n nope link
ip netns exec one ip link
ip -all netns exec ip link show lo
ip netns del one
ip netns del one
ip netns del
ip netns pids nope
ip netns frobnicate
ip -all netns del
ip netns
ip netns add every1
ip -all netns exec false
touch /run/netns/no-namespace
ip netns list
ip netns del no-namespace
cd /usr && ip netns exec every1 pwd
cd /usr && ip -all netns exec pwd
cd /tmp && ip netns add every2 && pwd
mkdir -p /run/some/folder && cd /run/some/folder && ip netns exec every1 pwd
