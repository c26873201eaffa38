#!/usr/bin/env python3
"""Mininet's own topologies with LinuxBridge switches, without a controller.   shape-mininet.py star|linear|torus N

star N: one switch with N hosts.  linear N: N switches in a row, a host at each.  torus N: N x N switches with spanning tree, round the
edges, a host at each. What differs from the others: the bridges lie in the root namespace (of the sandbox), the interfaces have
Mininet's names, and each host is held by a shell of its own.
"""
import os
import subprocess
import sys
import time

from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import LinearTopo
from mininet.topolib import TorusTopo


def star(n):
    net = Mininet(controller=None, switch=LinuxBridge, ipBase="10.0.0.0/16")
    switch = net.addSwitch("s1")
    for i in range(n):
        host = net.addHost(f"h{i}", ip=f"10.0.{(i + 2) >> 8}.{(i + 2) & 255}/16", defaultRoute="via 10.0.0.1")
        net.addLink(host, switch)
    net.start()
    switch.cmd("ip addr add 10.0.0.1/16 dev s1")
    return net, n


def topology(topo, nodes, **switch):
    class Bridge(LinuxBridge):
        def __init__(self, name, **params):
            super().__init__(name, **switch, **params)

    net = Mininet(topo=topo, controller=None, switch=Bridge)
    net.start()
    return net, nodes


def main():
    shape, n = sys.argv[1], int(sys.argv[2])
    floor = os.environ.get("NSFLOOR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "nsfloor")
    t0 = time.monotonic()
    if shape == "star":
        net, nodes = star(n)
    elif shape == "linear":
        net, nodes = topology(LinearTopo(n), n)
    elif shape == "torus":
        net, nodes = topology(TorusTopo(n, n), n * n, stp=True)
    else:
        sys.exit(f"no shape {shape}: star, linear or torus")
    t1 = time.monotonic()
    net.stop()
    t2 = time.monotonic()
    subprocess.run([floor, "gone"], check=True)
    t3 = time.monotonic()
    print(f"build_ms={(t1 - t0) * 1e3:.2f} teardown_ms={(t3 - t1) * 1e3:.2f} per_node_us={(t1 - t0) / nodes * 1e6:.1f} call_ms={(t2 - t1) * 1e3:.2f}")


if __name__ == "__main__":
    main()
