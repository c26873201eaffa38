ip help
ip link help
ip addr help
ip route help
ip -h
ip
