cd /run/driver && printf '%s\n' '# a lab' 'netns add x' 'link add v0 type veth peer name v1 netns x' 'addr add 10.0.0.1/24 dev v0' 'link set v0 up' '' 'link set lo up' 'route add 10.9.0.0/16 via 10.0.0.2' > lab
cd /run/driver && ip -batch lab
ip -br -4 addr show v0 | awk '{print $1, $3}'
cd /run/driver && printf 'addr add 10.0.0.2/24 dev v1\nlink set v1 up\n' | ip -n x -b -
ip -n x -4 -o addr show v1
cd /run/driver && printf 'link show v0\nlink show nope\nlink show lo\n' > looks && ip -o -b looks
cd /run/driver && ip -o -force -b looks
cd /run/driver && printf 'route add default via 10.0.0.2\nroute add default via 10.0.0.2\nroute del default\n' > twice && ip -b twice; ip route show default
cd /run/driver && ip -force -batch twice; ip route show default
ip -b /nope
cd /run/driver && printf 'fdb show dev v0\nlink show dev v0\n' > ports && bridge -b ports
cd /run/driver && printf 'addr add 10.0.0.9/24 \\\n dev v0\naddr show dev v0 to 10.0.0.9\n' | ip -b -
