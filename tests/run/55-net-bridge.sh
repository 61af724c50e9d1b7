#!/bin/sh
# The default bridge: address and way out, who is seen as the sender, published ports from everywhere, and nothing left.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

background nsenter -t $OUTSIDE -n python3 "$T/peer.py" 9000 >"$T/peer.out"; eventually 5 grep -q ready "$T/peer.out"
printf 'table inet foreign {\n\tchain c {\n\t\ttype filter hook input priority 0; policy accept;\n\t\tcounter\n\t}\n}\n' | nft -f -
nft -s list ruleset >"$T/before"

# --- the way out
web one; web two
check "an address of the pool" "$(mc inspect -f '{{.NetworkSettings.IPAddress}}/{{.NetworkSettings.IPPrefixLen}}' one)" "~" '^10\.213\.0\.2/20$'
check "the bridge is the gateway" "$(mc exec one ip route | grep -c '^default via 10.213.0.1 dev eth0')" -eq 1
check "outside sees the host" "$(mc exec one sh -c 'nc -w 2 192.0.2.2 9000 </dev/null')" = "192.0.2.1"
B=$(mc inspect -f '{{.NetworkSettings.IPAddress}}' two)
check "a neighbour is reached" "$(ask one "$B" 80)" = "two"
background nsenter -t "$(mc inspect -f "{{.State.Pid}}" two)" -n python3 "$T/peer.py" 7000 >"$T/two.out"; eventually 5 grep -q ready "$T/two.out"
check "a neighbour sees the real address" "$(mc exec one sh -c "nc -w 2 $B 7000 </dev/null")" = "10.213.0.2"
check "its MAC follows from its address" "$(mc exec one cat /sys/class/net/eth0/address)" = "02:42:0a:d5:00:02"
check "no IPv6 where the network has none" "$(mc exec one sh -c 'ip -6 addr show eth0; ip -6 route show dev eth0 | grep -v ff00' | wc -l)" = 0
check "/etc/hosts names the container by its address" "$(mc exec one grep -c "^10.213.0.2	$(mc exec one hostname)$" /etc/hosts)" -eq 1
check "the name server is the monitor" "$(mc exec one cat /etc/resolv.conf)" "~" '^nameserver 127.0.0.11$'
check "no names on the default bridge" "$(mc exec one nslookup two 2>&1)" "!~" "$B"
check "127.0.0.11 has no process inside" "$(mc exec one sh -c 'ps | grep -vc "httpd\|ps\|sh\|PID\|grep"')" -eq 0
exits 0 "--network none has a loopback only" mc run --rm --network none busybox sh -c '[ "$(ls /sys/class/net)" = lo ] && ip addr show lo | grep -q 127.0.0.1'
exits 0 "--network host has the host's links" mc run --rm --network host busybox grep -q up0 /proc/net/dev
check "--network container:one shares address and files" "$(mc run --rm --network container:one busybox sh -c 'ip addr show eth0 | grep -c 10.213.0.2; cat /etc/hosts' | tr '\n' ' ')" "~" '^1 .*10.213.0.2'
mkdir "$T/poor"; cp "$BIN"/* "$T/poor"; rm "$T/poor/minictr-nft"
mc rm -f two >/dev/null; nft delete table inet "$(table)"
check "without nftables the default network is missed, and that is said" "$("$T/poor/minictr" run --rm busybox echo runs 2>&1 | tr '\n' ' ')" "~" 'a loopback only: .*minictr-nft.*runs'
exits 125 "one that is asked for is required" "$T/poor/minictr" run --rm --network bridge busybox true
mc network repair
"$T/poor/minictr" run -d --name plain -p 8070:80 -p 127.0.0.1:8071:81/udp busybox sleep 1000 >/dev/null
check "a published port needs no process for its rule" "$(nft -n list table inet "$(table)" | grep -o '\(127.0.0.1 \. 17\|6\) \. 807[01] : .*[^ }]' | tr '\n' ' ')" "~" "^127.0.0.1 . 17 . 8071 : 10.213.0.[0-9]* . 81 6 . 8070 : 10.213.0.[0-9]* . 80 $"
nft delete element inet "$(table)" port4_any '{ tcp . 8070 }'
exits 0 "an element that is gone already is no hindrance to rm" "$T/poor/minictr" rm -f plain
check "... and takes the other one away" "$(nft list table inet "$(table)" | grep -c ' : 10.213')" -eq 0
rm -rf "$T/poor"; web two; B=$(mc inspect -f '{{.NetworkSettings.IPAddress}}' two)
check "-p is nothing for the host's network, and that is said" "$(mc run --rm --network host -p 80:80 busybox true 2>&1)" "~" 'Published ports are discarded when using host network mode'
check "host-gateway is the bridge" "$(mc run --rm --add-host me:host-gateway busybox grep me /etc/hosts)" = "10.213.0.1	me"
mc network create --internal inn >/dev/null; exits 125 "host-gateway without a gateway" mc run --rm --network inn --add-host me:host-gateway busybox true; mc network rm inn >/dev/null
exits 125 "an unknown network" mc run --rm --network nope busybox true
check "says which" "$(cat "$T/err")" "~" 'network nope not found'
exits 125 "an address on the default bridge" mc run --rm --ip 10.213.0.77 busybox true
mc rm -f two >/dev/null

# --- published ports
web pub -p 8080:80 -p 127.0.0.1:8081:80 -p 82 -p 7053:7053/udp
for u in 127.0.0.1:8080 192.0.2.1:8080 '[::1]:8080' '[2001:db8::1]:8080' 127.0.0.1:8081; do check "the host reaches $u" "$(get "http://$u/")" = "pub"; done
check "outside reaches it" "$(out curl -s -m 3 http://192.0.2.1:8080/)" = "pub"
check "outside reaches it by IPv6" "$(out curl -s -m 3 'http://[2001:db8::1]:8080/')" = "pub"
exits 7 "127.0.0.1 is not for outside" out curl -s -m 2 http://192.0.2.1:8081/
check "a neighbour by the host's address" "$(ask one 192.0.2.1 8080)" = "pub"
check "itself by the host's address" "$(ask pub 192.0.2.1 8080)" = "pub"
P=$(mc inspect -f '{{(index (index .NetworkSettings.Ports "82/tcp") 0).HostPort}}' pub)
check "a random port is shown" "$(mc port pub 82 | sort | tr '\n' ' ')" = "0.0.0.0:$P [::]:$P "
check "ps shows ports" "$(mc ps --format '{{.Names}} {{.Ports}}' | grep '^pub')" "~" '0.0.0.0:8080->80/tcp, 127.0.0.1:8081->80/tcp, \[::\]:8080->80/tcp, 0.0.0.0:[0-9]*->82/tcp'
check "port names one" "$(mc port pub 80/tcp | sort | head -1)" = "0.0.0.0:8080"
exits 1 "port of one that is not published" mc port pub 99
exits 125 "a taken port" mc run --rm -p 8080:80 busybox true
check "says that a container has it" "$(cat "$T/err")" "~" 'Bind for 0.0.0.0:8080 failed: port is already allocated to another container'
background python3 "$T/peer.py" 8090 >"$T/p8090"; eventually 5 grep -q ready "$T/p8090"
exits 125 "a port of another program" mc run --rm -p 8090:80 busybox true
check "says which program" "$(cat "$T/err")" "~" 'already allocated, to python3 \(pid '
mc run -d --name range -p 8090-8092:80 -p 8093-8094:93-94 -p :8096-8097:8096-8097 busybox sleep 100 >/dev/null
check "a range skips what is taken; ranges pair up; port counts by value" "$(mc port range | grep -v '\[' | tr '\n' ' ')" = "80/tcp -> 0.0.0.0:8091 93/tcp -> 0.0.0.0:8093 94/tcp -> 0.0.0.0:8094 8096/tcp -> 0.0.0.0:8096 8097/tcp -> 0.0.0.0:8097 "
check "ps joins neighbours whose number is one on both sides" "$(mc ps --format '{{.Names}} {{.Ports}}' | grep '^range')" = 'range 0.0.0.0:8096-8097->8096-8097/tcp, [::]:8096-8097->8096-8097/tcp, 0.0.0.0:8091->80/tcp, [::]:8091->80/tcp, 0.0.0.0:8093->93/tcp, [::]:8093->93/tcp, 0.0.0.0:8094->94/tcp, [::]:8094->94/tcp'
exits 125 "ranges of two lengths" mc create -p 80-81:90-92 busybox true
exits 0 "one port on two addresses of the host" mc run -d --name twice -p 192.0.2.1:8095:80 -p 127.0.0.1:8095:80 busybox sleep 100
mc run -d --name all --expose 70 --expose 71/udp -P busybox sleep 100 >/dev/null
check "-P publishes what is exposed" "$(mc port all | grep -v '\[' | sed 's/:[0-9]*$//' | sort | tr '\n' ' ')" = "70/tcp -> 0.0.0.0 71/udp -> 0.0.0.0 "
mc rm -f range twice all >/dev/null
exits 7 "a port that is not published" out curl -s -m 2 http://192.0.2.1:80/
out ip route add 10.213.0.0/20 via 192.0.2.1
exits 28 "a container's address is not for outside" out curl -s -m 1 http://10.213.0.2/
A=$(mc inspect -f '{{.NetworkSettings.IPAddress}}' pub)
exits 28 "... nor is a published one's" out curl -s -m 1 "http://$A/"
background python3 -c "
import socket; s=socket.socket(); s.bind(('127.0.0.1', 9100)); s.listen(); print('ready', flush=True); s.accept()" >"$T/lo"; eventually 5 grep -q ready "$T/lo"
mc run --rm --privileged busybox sh -c 'ip route add 127.0.0.1 via 10.213.0.1 2>/dev/null; ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.0/8 via 10.213.0.1; nc -w 1 127.0.0.1 9100 </dev/null && echo reached' >"$T/cve" 2>&1
check "the host's loopback is not for containers (CVE-2020-8558)" "$(cat "$T/cve")" "!~" reached

# --- UDP: a sender without a pause finds the new container
cat >"$T/sender.py" <<'P'
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 7999)); end = time.time() + 120
while time.time() < end:
    s.sendto(b"x", ("127.0.0.1", 7053)); time.sleep(0.05)
P
background python3 "$T/sender.py"
mc rm -f pub >/dev/null
mc run -d --name udp -p 7053:7053/udp busybox sleep 100 >/dev/null
check "a UDP sender reaches the new container" "$(inside udp timeout 60 python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 7053)); print(s.recv(9).decode())')" = x
background nsenter -t "$(mc inspect -f "{{.State.Pid}}" udp)" -n python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 7053))
while True:
    b, a = s.recvfrom(70000); s.sendto(b.upper() + b" " + a[0].encode(), a)'
cat >"$T/udp.py" <<'P'
# udp.py ADDRESS N [SECONDS]: N senders, two datagrams each, all at once; prints how many answers were right.
import socket, sys
a = sys.argv[1]; n = int(sys.argv[2]); wait = float((sys.argv + [2])[3])
all = [socket.socket(socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_DGRAM) for i in range(n)]
right = 0
for r in (0, 1):
    for i, s in enumerate(all): s.settimeout(wait); s.sendto(b"q%d" % i, (a, 7053))
    for i, s in enumerate(all):
        try: right += s.recv(70000).split()[0] == b"Q%d" % i
        except OSError: pass
s = all[0]; s.sendto(b"x" * 40000, (a, 7053))
try: right += len(s.recv(70000).split()[0]) == 40000
except OSError: pass
print(right)
P
check "UDP by 127.0.0.1 and by the host's address" "$(eventually 5 sh -c "[ \"\$(python3 $T/udp.py 127.0.0.1 1)\" = 3 ]"; python3 "$T/udp.py" 127.0.0.1 20) $(python3 "$T/udp.py" 192.0.2.1 20)" = "41 41"
check "UDP by ::1, many senders at once" "$(python3 "$T/udp.py" ::1 60)" = 121
check "more senders than are remembered do not stop it" "$(python3 "$T/udp.py" ::1 200 0.01 >/dev/null; python3 "$T/udp.py" ::1 5)" = 11
mc rm -f udp >/dev/null

# --- another program flushes all rules
web pub -p 8080:80
nft flush ruleset
check "without rules the port still works, slowly" "$(get http://127.0.0.1:8080/)" = "pub"
mc run --rm busybox true
check "the next command puts the rules back" "$(nft list map inet "$(table)" port4_any)" "~" 'tcp \. 8080 :'
check "masquerade, too" "$(mc exec one sh -c 'nc -w 2 192.0.2.2 9000 </dev/null')" = "192.0.2.1"
nft delete table inet "$(table)"; mc network repair
check "network repair puts them back" "$(nft list map inet "$(table)" port4_any)" "~" 'tcp \. 8080 :'
nft -f - <"$T/before" 2>/dev/null

# --- the end
exits 127 "a start that fails" mc run --rm -p 8085:80 busybox /nothere
check "the port is free when run returns, each time" "$(for i in 1 2 3 4 5; do mc run --rm -p 8085:80 busybox echo $i; done 2>&1 | tr '\n' ' ')" = "1 2 3 4 5 "
check "leaves no port" "$(mc run --rm -p 8085:80 busybox echo free)" = "free"
check "leaves no address" "$(sed -n 's/.* eth0 [0-9a-f]* [0-9]* [0-9]* \([a-z]*\) .*/\1/p' "$T/root/networks/bridge/leases" | sort | tr '\n' ' ')" = "one pub "
mc network create kept >/dev/null; mc run --rm --network kept busybox true; mc stop -t 0 one pub >/dev/null; mc internal network-down
check "network-down (the package goes): no rule, no link, while stopped containers and networks are kept" "$(nft -s list ruleset | diff "$T/before" - | wc -l) $(ip -o link | grep -c ' \(mb\|v[0-9a-f]\)') $(mc ps -aq | wc -l) $(mc network ls -q --filter name=kept | wc -l)" = "0 0 2 1"
mc start pub >/dev/null; check "... and a start makes them again" "$(eventually 5 curl -sf http://127.0.0.1:8080/ >/dev/null; get http://127.0.0.1:8080/)" = pub
mc network rm kept >/dev/null
mc rm -f one pub >/dev/null
check "nothing of ours is left: rules" "$(nft -s list ruleset | diff "$T/before" -)" = ""
check "... links" "$(ip -o link | grep -c ' \(mb\|v[0-9a-f]\)')" -eq 0
check "... forwarding" "$(cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/up0/forwarding | tr '\n' ' ')" = "0 0 "
plan $N
