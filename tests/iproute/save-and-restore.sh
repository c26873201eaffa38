ip link add v0 type veth peer name v1
ip link set v0 up
ip link set v1 up
ip addr add 10.0.0.1/24 dev v0
ip addr add 10.0.1.1/24 dev v0 label v0:x
ip addr add fd00::1/64 dev v0 nodad
ip route add 10.2.0.0/16 via 10.0.0.2
ip route add default via 10.0.0.254 metric 7
ip rule add from 10.0.0.0/24 table 100 pref 50
ip rule add fwmark 5 lookup 101 realms 3/4 pref 51
cd /run/driver && ip addr save dev v0 > addresses
cd /run/driver && ip route save > routes
cd /run/driver && ip rule save > rules
cd /run/driver && ip addr showdump < addresses
cd /run/driver && ip route showdump < routes
cd /run/driver && ip route restore < addresses
ip addr flush dev v0
ip rule del pref 50
ip rule del pref 51
cd /run/driver && ip addr restore < addresses
cd /run/driver && ip route restore < routes
cd /run/driver && ip rule restore < rules
ip -br addr show v0
ip route
ip rule
ip addr del 10.0.1.1 dev v0
ip addr del 10.0.1.1 dev v0
