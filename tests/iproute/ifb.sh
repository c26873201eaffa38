# needs: ifb
ip link add ifb0 type ifb
ip link set ifb0 up
ip -d link show ifb0
ip link add ifb1 numtxqueues 2 type ifb
ip -br link show type ifb
ip link del ifb0
ip link del ifb1
