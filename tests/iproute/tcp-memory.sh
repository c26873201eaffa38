ip tcp_metrics
ip tcp_metrics show
ip tcp_metrics show 10.0.0.1
ip tcp_metrics flush
ip tcp_metrics del 10.0.0.1
ip tcp_metrics delete
ip tcp_metrics show nonsense
ip tcpmetrics
ip -6 tcp_metrics
ip -j tcp_metrics
ip tcp_metrics nosuch
