#!/bin/sh
# Two hosts, played by two network namespaces with an engine each: containers joined over VXLAN, as overlay networks do it.
. "$(dirname "$0")/lib.sh"
need_root
needs nft ip unshare nsenter || skip_all "nft, ip, unshare and nsenter are needed"
for h in 1 2; do unshare -n sleep 1000 & eval "H$h=$!"; PIDS="$PIDS $!"; done
eventually 5 sh -c "[ \$(readlink /proc/$H1/ns/net) != \$(readlink /proc/self/ns/net) ] && [ \$(readlink /proc/$H2/ns/net) != \$(readlink /proc/self/ns/net) ]"
on() { eval "p=\$H$1"; shift; nsenter -t $p -n "$@"; }
starter_images; cp -a "$T/root" "$T/root2"
MINICTR_ROOT=$T/root
mc1() { on 1 "$BIN/minictr" --root "$T/root" "$@"; }
mc2() { on 2 "$BIN/minictr" --root "$T/root2" "$@"; }
on 1 ip link add wire type veth peer name wire netns $H2
for h in 1 2; do on $h ip link set lo up; on $h ip addr add 10.0.0.$h/24 dev wire; on $h ip link set wire up; done
# One subnet on both hosts, in two halves, so that no address is given twice.
mc1 network create --subnet 10.44.0.0/24 --ip-range 10.44.0.0/25 --gateway 10.44.0.1 -o com.docker.network.driver.mtu=1450 -o com.docker.network.bridge.name=over0 over >/dev/null
mc2 network create --subnet 10.44.0.0/24 --ip-range 10.44.0.128/25 --gateway 10.44.0.254 -o com.docker.network.driver.mtu=1450 -o com.docker.network.bridge.name=over0 over >/dev/null
mc1 run -d --name aa --network over busybox sh -c 'mkdir /w; echo from host one >/w/index.html; exec httpd -f -p 80 -h /w' >/dev/null
mc2 run -d --name bb --network over busybox sleep 1000 >/dev/null
A=$(mc1 inspect -f '{{.NetworkSettings.Networks.over.IPAddress}}' aa)
ask() { mc2 exec bb sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 2 $A 80 | tail -1"; }
check "without an overlay a host ends at its wire" "$(ask)" = ""
on 1 ip link add vx0 type vxlan id 7 dstport 4789 local 10.0.0.1 remote 10.0.0.2
on 2 ip link add vx0 type vxlan id 7 dstport 4789 local 10.0.0.2 remote 10.0.0.1
for h in 1 2; do on $h ip link set vx0 mtu 1450 master over0 up; done
check "with it they are neighbours" "$(eventually 5 sh -c '[ -n "$1" ]' x "$(ask)"; ask)" = "from host one"
check "one is seen by its own address: no rewriting between neighbours" "$(mc1 exec aa cat /proc/net/arp)" "~" '10\.44\.0\.1[2-9]'
check "frames of full size pass" "$(mc2 exec bb ping -c 1 -W 2 -s 1422 "$A" | grep -c '1 packets received')" -eq 1
mc1 rm -f aa >/dev/null; mc2 rm -f bb >/dev/null; mc1 network rm over >/dev/null; mc2 network rm over >/dev/null
for h in 1 2; do check "host $h: nothing of ours is left" "$(on $h ip -o link show type bridge | wc -l) $(on $h nft list tables | wc -l)" = "0 0"; done
plan $N
