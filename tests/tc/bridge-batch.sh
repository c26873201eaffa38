printf 'link set dev eth0 cost 9\nfdb add 02:00:00:00:00:55 dev eth0 master static\nfdb add 02:00:00:00:00:55 dev eth0 master static\nlink show dev eth0\n' > batch
bridge -batch batch
bridge -force -batch batch
bridge link show dev eth0
bridge fdb show dev eth0 | sort
