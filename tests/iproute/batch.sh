printf 'link add v0 type veth peer name v1\nlink set v0 up\naddr add 10.0.0.1/24 dev v0\n# a remark\n\nroute add 10.2.0.0/16 via 10.0.0.2\n' > /run/batch
ip -batch /run/batch
ip -batch /run/batch
ip -force -batch /run/batch
printf 'link set nope up\nlink set v1 up\n' | ip -b -
ip link show v1
printf 'link set nope up\nlink set v1 up\n' | ip -force -batch -
ip link show v1
printf 'link set v0 alias "two words"\nlink show v0\n' | ip -batch -
printf 'link set v0 mtu abc\nlink set v0 mtu 1300\n' | ip -force -batch -
ip link show v0
ip -batch /run/nope
printf 'route show\naddr show v0\n' | ip -j -batch -
