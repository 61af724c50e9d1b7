#!/bin/sh
# 49-user-network.sh - the network of an ordinary user's container: pasta, slirp4netns, and what is said without them.
# "The world" is a second network namespace, behind a cable: 198.51.100.2 (us, the host) to 198.51.100.1, which also has 203.0.113.5.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/user.sh"
need_root
needs setpriv ip nsenter busybox || skip_all "needs setpriv, ip, nsenter and busybox"
[ -c /dev/net/tun ] || skip_all "no /dev/net/tun"
plan 39
cleanup() { end_user; close_tun; ip link del up0 2>/dev/null; umount /etc/resolv.conf 2>/dev/null; }
# before the first command: it keeps the mounts it found
make_user; open_tun
echo "nameserver 127.0.0.53" >"$T/resolv.conf"; mount --bind "$T/resolv.conf" /etc/resolv.conf
if ! user unshare -Ur true 2>/dev/null; then skip_all "this machine forbids user namespaces to ordinary users"; fi

unshare -n sleep 1000 & WORLD=$!; PIDS="$PIDS $WORLD"
eventually 5 sh -c "[ \"\$(readlink /proc/$WORLD/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
world() { nsenter -t "$WORLD" -n "$@"; }
cable() {
	ip link add up0 type veth peer name w0 && ip link set w0 netns "$WORLD"
	ip addr add 198.51.100.2/24 dev up0; ip link set up0 up; ip route add default via 198.51.100.1
	world sh -c 'ip link set lo up; ip addr add 198.51.100.1/24 dev w0; ip link set w0 up; ip addr add 203.0.113.5/32 dev lo'
}
u internal starter >/dev/null 2>&1
check "the user's images" "$(u images -q | wc -l)" -eq 2

# without a program, without a device, without a route
user mkdir bin; for p in sh env cat; do user ln -s "$(command -v $p)" "bin/$p"; done
only_ours() { user env PATH="$T/user/bin:$T/user/home/bin" minictr "$@"; }
check "none installed: it runs, and says so" "$(only_ours run --rm busybox echo ran 2>&1 | tr '\n' ' ')" "~" 'WARNING: the container has a loopback only: neither pasta nor slirp4netns is installed.*passt.*ran'
check "--network none says nothing" "$(only_ours run --rm --network none busybox echo ran 2>&1)" = ran
exits 125 "asked for by name it has to be there" only_ours run --rm --network pasta busybox true
check "... the package is named" "$(cat "$T/err")" "~" 'pasta is not installed'
check "... nothing is left" "$(u ps -aq)" = ""
exits 125 "a network by name: there is none without root" u run --rm --network own busybox true
check "... which is said" "$(cat "$T/err")" "~" 'network own not found.*made by root'
exits 125 "root is told that it is not for him" "$BIN/minictr" --root "$T/root" run --rm --network pasta busybox true
check "... by a sentence" "$(cat "$T/err")" "~" 'for unprivileged users'

# try PROGRAM ADDRESS-OF-THE-RESOLVER
cable
mkdir "$T/www"; head -c 3000000 /dev/urandom >"$T/www/big"; echo "from far away $$" >"$T/www/index.html"
background nsenter -t "$WORLD" -n busybox httpd -f -h "$T/www" -p 80
cat >"$T/dns.py" <<'X'
# Answers every question about an A record with 203.0.113.5, on the loopback of the host.
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.53", 53))
while True:
    q, who = s.recvfrom(512)
    end = q.index(b"\0", 12) + 5
    kind = q[end - 3]
    n = 1 if kind == 1 else 0
    s.sendto(q[:2] + b"\x81\x80\0\1\0" + bytes([n]) + b"\0\0\0\0" + q[12:end] + (b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xcb\0\x71\5" if n else b""), who)
X
background python3 "$T/dns.py"
eventually 5 curl -s --noproxy '*' -o /dev/null http://203.0.113.5/
try() {
	program=$1 resolver=$2
	if ! needs "$program"; then for i in 1 2 3 4 5 6 7; do skip "$program" "$program is not installed"; done; return; fi
	check "$program: a page from far away" "$(u run --rm --network "$program" busybox timeout 5 wget -q -O - http://203.0.113.5/ 2>&1)" = "from far away $$"
	check "$program: a larger one, every byte" "$(u run --rm --network "$program" busybox sh -c 'timeout 9 wget -q -O - http://203.0.113.5/big | sha256sum' | cut -d' ' -f1)" = "$(sha256sum <"$T/www/big" | cut -d' ' -f1)"
	check "$program: names, by the host's resolver on the host's loopback" "$(u run --rm --network "$program" busybox timeout 5 wget -q -O - http://far.example/ 2>&1)" = "from far away $$"
	check "$program: resolv.conf" "$(u run --rm --network "$program" busybox cat /etc/resolv.conf)" "~" "nameserver $resolver"
	background python3 -m http.server -b 127.0.0.1 8099 >/dev/null 2>&1
	HOSTS=$BG
	eventually 5 curl -s --noproxy '*' -o /dev/null http://127.0.0.1:8099/
	check "$program: the host's loopback is not the container's, by no address" "$(u run --rm --network "$program" busybox sh -c 'for a in 127.0.0.1 198.51.100.1 10.0.2.2; do timeout 2 wget -q -O /dev/null http://$a:8099/ 2>/dev/null && echo "reached $a"; done')" = ""
	kill "$HOSTS" 2>/dev/null
	u run -d --name served --network "$program" busybox sleep 1000 >/dev/null
	check "$program: one process, under the monitor" "$(pgrep -u 4711 -fc "^[^ ]*$program .*/netns")" -ge 1
	u rm -f served >/dev/null
	check "$program: gone with the container" "$(pgrep -u 4711 -fl "^[^ ]*$program .*/netns"; find "$T/user/run" -name netns -o -name usernet.pid)" = ""
}
try pasta 169.254.1.1
try slirp4netns 10.0.2.3

if needs pasta; then
	u run -d --ipc shareable --name life busybox sleep 1000 >/dev/null 2>&1
	served() { u exec life timeout 5 wget -q -O - http://203.0.113.5/ 2>&1; }
	check "the default network is one" "$(served)" = "from far away $$"
	u run -d --name pub -p 8085:80 -p 127.0.0.1::81 busybox httpd -f -p 80 >/dev/null 2>"$T/pub.err"
	check "an ordinary user publishes ports" "$(eventually 5 curl -s -m 1 -o /dev/null http://127.0.0.1:8085/ && curl -s -m 2 -o /dev/null -w '%{http_code}' http://127.0.0.1:8085/; cat "$T/pub.err")" = 404
	check "... and sees them" "$(u port pub 80 | head -1) $(u port pub 81)" "~" '^0.0.0.0:8085 127.0.0.1:[0-9]+$'
	check "a taken one is said" "$(u run --rm -p 8085:80 busybox true 2>&1)" "~" 'Bind for 0.0.0.0:8085 failed: port is already allocated'
	check "one of root's is said" "$(u run --rm -p 85:80 busybox true 2>&1)" "~" 'ip_unprivileged_port_start'
	check "networks are root's, and that is said" "$(u network create mine 2>&1)" "~" 'networks are made by root'
	u rm -f pub >/dev/null 2>&1
	u restart -t 0 life >/dev/null 2>&1
	check "... after a restart, too" "$(served)" = "from far away $$"
	i=0; lost=0; while [ $i -lt 8 ]; do i=$((i + 1)); u restart -t 0 life >/dev/null 2>&1; u exec life ip route 2>/dev/null | grep -q default || lost=$((lost + 1)); done
	sleep 0.3; u exec life ip route 2>/dev/null | grep -q default || lost=$((lost + 1))
	check "... after each of eight: the old monitor does not end the new one's program" "$lost" = 0
	check "another container joins it" "$(u run --rm --network container:life busybox timeout 5 wget -q -O - http://203.0.113.5/ 2>&1)" = "from far away $$"
	check "... its pid namespace" "$(u run --rm --pid container:life busybox sh -c 'cat /proc/1/comm')" = sleep
	check "... all kinds at once, and -h of its own" "$(u run --rm --pid container:life --ipc container:life --network none -h other busybox hostname 2>&1)" "~" 'other$'
	kill -9 "$(u inspect -f '{{.State.Pid}}' life | xargs -I% sed -n 's/^PPid:\t//p' /proc/%/status)"
	eventually 5 sh -c "! pgrep -u 4711 -f 'sleep 1000'"
	u ps -a >/dev/null 2>&1; u rm -f life >/dev/null 2>&1
	check "the monitor was killed: the next command clears" "$(eventually 5 sh -c '! pgrep -u 4711 -f pasta'; pgrep -u 4711 -fl pasta; find "$T/user/run" -name netns)" = ""
	ip route del default
	check "no route: it runs, and says why" "$(u run --rm busybox echo ran 2>&1 | tr '\n' ' ')" "~" 'WARNING: .*pasta.*default route.*ran'
	exits 125 "... by name it is an error" u run --rm --network pasta busybox true
else
	for i in 1 2 3 4 5 6 7 8 9; do skip "pasta" "pasta is not installed"; done
fi
eventually 10 sh -c '! pgrep -u 4711 -f minictr-monitor' # the last one may still be letting go
check "no process is left but the one that holds the namespaces, under its own name" "$(pgrep -u 4711 -fa | cut -d' ' -f2- | tr -d '\0')" = minictr-pause
