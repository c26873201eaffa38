# needs: mptcp
ip mptcp endpoint
ip mptcp limits set subflows 2 add_addr_accepted 3
ip mptcp limits show
ip mptcp limits set nosuch 3
ip mptcp limits set subflows 200
ip mptcp endpoint add 10.0.0.1 id 5 signal
ip mptcp endpoint add 10.0.0.2 dev lo subflow backup
ip mptcp endpoint add fd00::2 id 9 subflow fullmesh
ip mptcp endpoint add 10.0.0.5 port 5000 subflow
ip mptcp endpoint add 10.0.0.5 signal fullmesh
ip mptcp endpoint add 10.0.0.5 dev nope
ip mptcp endpoint add nonsense
ip mptcp endpoint add
ip mptcp endpoint add 10.0.0.1 id 5 signal
ip mptcp endpoint show
ip -j mptcp endpoint show
ip mptcp endpoint show id 5
ip mptcp endpoint show id 77
ip mptcp endpoint change id 6 nobackup
ip mptcp endpoint change 10.0.0.2 backup
ip mptcp endpoint show id 6
ip mptcp endpoint delete id 5
ip mptcp endpoint delete id 99
ip mptcp endpoint delete
ip mptcp endpoint flush
ip mptcp endpoint show
ip mptcp nosuch
