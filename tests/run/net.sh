# net.sh - what tests of networks source after lib.sh: a world outside the host. The runner gives each test a network
# namespace of its own, which plays the host; "outside" is one more, joined by a cable: 192.0.2.1 here, 192.0.2.2 there.
need_root
needs nft ip curl python3 unshare nsenter || skip_all "nft, ip, curl and python3 are needed"
[ "$(readlink /proc/self/ns/net)" != "$(readlink /proc/1/ns/net)" ] || [ "$$" != 1 ] || skip_all "a network namespace of its own is needed (tests/runner.sh)"
ip link set lo up
# a new namespace takes the machine's setting along, which docker or podman may have switched on
echo 0 >/proc/sys/net/ipv4/ip_forward
unshare -n sleep 1000 & OUTSIDE=$!; PIDS="$PIDS $OUTSIDE"
eventually 5 sh -c "[ \"\$(readlink /proc/$OUTSIDE/ns/net)\" != \"\$(readlink /proc/self/ns/net)\" ]"
out() { nsenter -t $OUTSIDE -n "$@"; }
ip link add up0 type veth peer name eth0 netns $OUTSIDE
ip addr add 192.0.2.1/24 dev up0; ip -6 addr add 2001:db8::1/64 dev up0 nodad; ip link set up0 up
out sh -c 'ip link set lo up; ip addr add 192.0.2.2/24 dev eth0; ip -6 addr add 2001:db8::2/64 dev eth0 nodad; ip link set eth0 up'
ip route add default via 192.0.2.2; ip -6 route add default via 2001:db8::2
starter_images
cleanup() { ip link del up0 2>/dev/null; }
# inside NAME COMMAND...: a program of the host, in the network of a container.
inside() { n=$1; shift; nsenter -t "$(mc inspect -f "{{.State.Pid}}" "$n")" -n "$@"; }
get() { curl -s -m 3 "$@"; }
# peer PORT: a TCP server outside that tells each client which address it came from.
cat >"$T/peer.py" <<'P'
import socket, sys
s = socket.socket(socket.AF_INET6); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.bind(("::", int(sys.argv[1]))); s.listen(16); print("ready", flush=True)
while True:
    c, a = s.accept(); c.sendall((a[0].replace("::ffff:", "") + "\n").encode()); c.close()
P
# web NAME ARGS...: a container that serves its own name on port 80.
web() { n=$1; shift; mc run -d --name "$n" "$@" busybox sh -c "mkdir -p /w; echo $n >/w/index.html; exec httpd -f -p 80 -h /w" >/dev/null && eventually 5 mc exec "$n" sh -c 'grep -q ":0050 " /proc/net/tcp /proc/net/tcp6'; }
# ask FROM ADDRESS PORT: what a web server there says to a container.
ask() { mc exec "$1" sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 2 $2 $3 2>/dev/null | tail -1"; }
table() { nft list tables | sed -n 's/^table inet \(minictr_.*\)/\1/p' | head -1; }
