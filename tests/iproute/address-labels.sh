ip addrlabel
ip -j addrlabel list
ip addrlabel add prefix 2001:db8::/32 label 99
ip addrlabel add prefix 2001:db8::/32 label 99
ip addrlabel add prefix 2001:db8::/32 dev lo label 98
ip addrlabel list
ip -j addrlabel list
ip addrlabel del prefix 2001:db8::/32
ip addrlabel del prefix 2001:db8::/32 label 99
ip addrlabel del prefix 2001:db8::/32 label 99
ip addrlabel add prefix 2001:db8::/32 dev nope label 98
ip addrlabel add prefix nonsense label 98
ip addrlabel add label 5
ip addrlabel nosuch
ip addrlabel flush
ip addrlabel list
