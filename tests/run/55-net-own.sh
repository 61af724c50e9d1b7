#!/bin/sh
# Networks of one's own: made, named, refused; names and aliases; several at once; joining and leaving while running.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"

nslook() { mc exec "$1" nslookup "$2" 2>/dev/null | sed -n '/^Name/,$s/^Address: //p' | sort | tr '\n' ' '; }
ip4() { mc inspect -f "{{(index .NetworkSettings.Networks \"$2\").IPAddress}}" "$1"; }

# --- making and refusing
check "create prints an id" "$(mc network create --label tier=web web)" "~" '^[0-9a-f]{64}$'
mc network create --internal --ipv6 back >/dev/null
mc network create --subnet 10.99.0.0/24 --ip-range 10.99.0.128/25 --gateway 10.99.0.254 fix >/dev/null
mc network create --subnet 10.98.0.0/24 --ip-range 10.98.0.128/25 --aux-address printer=10.98.0.129 --aux-address scanner=10.98.0.131 keeps >/dev/null
check "addresses kept for others are given to no container" "$(for i in 1 2 3; do mc run --rm --network keeps busybox ip -4 -o addr show eth0 | sed 's/.*inet \([0-9.]*\).*/\1/'; done | tr '\n' ' ')" = "10.98.0.128 10.98.0.130 10.98.0.132 "
mc network rm keeps >/dev/null
exits 1 "one that lies in no subnet" mc network create --subnet 10.77.0.0/24 --aux-address far=10.78.0.9 x
check "ls has docker's columns" "$(mc network ls | head -1)" "~" '^NETWORK ID +NAME +DRIVER +SCOPE$'
check "ls has the three that are always there" "$(mc network ls --format '{{.Name}} {{.Driver}}' | tr '\n' ',')" = "back bridge,bridge bridge,fix bridge,host host,none null,web bridge,"
check "filters" "$(mc network ls -q --no-trunc -f type=custom -f label=tier=web)" = "$(mc network inspect -f '{{.Id}}' web)"
exits 1 "a name twice" mc network create web
check "says so" "$(cat "$T/err")" "~" 'network with name web already exists'
for n in host bridge none container default pasta -x 'a b ' 'a/b' ''; do "$BIN/minictr" network create -- "$n" >/dev/null 2>&1 && not_ok "network create '$n' must fail"; done; ok "reserved and impossible names"
exits 1 "a driver that is not there" mc network create -d weave x; check "which" "$(cat "$T/err")" "~" 'plugin weave'
exits 1 "a subnet that overlaps" mc network create --subnet 10.99.0.0/16 x; check "whose" "$(cat "$T/err")" "~" 'overlaps network fix'
exits 1 "a subnet the host has a route to" mc network create --subnet 192.0.2.128/25 x; check "which route" "$(cat "$T/err")" "~" 'overlaps 192.0.2.0/24, which this host has a route to'
exits 1 "no subnet" mc network create --subnet 10.77.0.0 x
check "bits behind the prefix are cut off, as docker's clients expect" "$(mc network create --subnet 10.77.0.9/24 x >/dev/null; mc network inspect -f '{{(index .IPAM.Config 0).Subnet}}' x; mc network rm x)" = "10.77.0.0/24
x"
exits 1 "a gateway outside" mc network create --subnet 10.77.0.0/24 --gateway 10.78.0.1 x
# refuses WORDS -- FLAGS...: network create says why not
refuses() { w=$1; shift 2; if mc network create "$@" x >/dev/null 2>"$T/err"; then not_ok "create $* must fail"; mc network rm x; else check "create $*" "$(cat "$T/err")" "~" "$w"; fi; }
refuses 'broadcast address' -- --subnet 10.77.0.0/24 --gateway 10.77.0.255
refuses "network's own address" -- --subnet 10.77.0.0/24 --gateway 10.77.0.0
refuses 'two of --gateway' -- --subnet 10.77.0.0/24 --gateway 10.77.0.1 --gateway 10.77.0.2
refuses 'larger than the subnet' -- --subnet 10.77.0.0/24 --ip-range 10.77.0.0/16
refuses 'expected 10.77.0.128/25' -- --subnet 10.77.0.0/24 --ip-range 10.77.0.129/25
for s in 127.9.0.0/24 224.0.0.0/24 fe80::/64 ff02::/64; do refuses 'meaning of its own' -- --subnet "$s"; done
refuses 'true or false' -- -o com.docker.network.bridge.enable_icc=maybe
refuses 'an IPv4 address' -- -o com.docker.network.bridge.host_binding_ipv4=nowhere
check "an option that is not obeyed is said" "$(mc network create -o com.docker.network.bridge.gateway_mode_ipv4=routed x 2>&1; mc network rm x)" "~" 'gateway_mode_ipv4=routed changes nothing'
mc network create -o com.docker.network.bridge.enable_icc=0 lone >/dev/null; web lone1 --network lone; web lone2 --network lone
check "enable_icc=0: neighbours do not reach each other, the gateway they do" "$(ask lone1 lone2 80)$(mc exec lone1 ping -c 1 -W 1 192.0.2.2 | grep -c '1 packets received')" = 1
mc rm -f lone1 lone2 >/dev/null; mc network rm lone >/dev/null
exits 1 "an MTU that is none" mc network create -o com.docker.network.driver.mtu=7 x
check "nothing is left of those" "$(mc network ls --format "{{.Name}}" | grep -cx x)" -eq 0
i=0; while [ $i -lt 8 ]; do mc network create same >/dev/null 2>>"$T/same" & PIDS="$PIDS $!"; i=$((i + 1)); done; wait $(echo $PIDS | tr ' ' '\n' | tail -8)
check "eight creates at once: one network" "$(mc network ls -q -f name=same | wc -l) $(grep -c 'already exists' "$T/same")" = "1 7"
ip route add 10.213.2.0/24 via 192.0.2.2; mc network create skip >/dev/null; mc network create skip2 >/dev/null
check "a pool's subnet in use is left out" "$(mc network inspect -f '{{range .IPAM.Config}}{{.Subnet}}{{end}}' skip skip2 | grep -c '^10.213.2.0')" -eq 0
echo '{"default-address-pools": [{"base": "10.66.0.0/16", "size": 28}]}' >"$T/root/config.json"; mc network create pooled >/dev/null; rm "$T/root/config.json"
check "pools of the config file" "$(mc network inspect -f '{{range .IPAM.Config}}{{.Subnet}}{{end}}' pooled)" = "10.66.0.0/28"
mc network create auto >/dev/null; mc network create --ipv6 auto6 >/dev/null; mc network create --subnet 10.66.9.0/24 said >/dev/null
auto=$(mc network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{end}}' auto auto6)
for s in $auto 10.66.9.0/25; do case $s in *:*) ;; *) ip route add "$s" via 192.0.2.2 ;; esac; done
check "a route that came later: our own choices move, no word of it" "$(for n in auto auto6; do mc run --rm --network $n busybox sh -c 'ip route | sed -n "s/^\(10[^ ]*\) dev eth0.*/\1/p"' 2>&1; done | grep -c -e '^10\.' -e : )" = 2
check "... the record says the new ones, and keeps its IPv6" "$(mc network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{end}}' auto auto6 | tr ' ' '\n' | sort | comm -12 - "$(echo "$auto" | tr ' ' '\n' | sort >"$T/auto"; echo "$T/auto")" | tr -d '\n')" "~" '^fd[0-9a-f:]*/64$'
exits 125 "... a subnet that was asked for stays" mc run --rm --network said busybox true; check "and that is said" "$(cat "$T/err")" "~" 'network said .* overlaps 10.66.9.0/25'
for s in $auto 10.66.9.0/25; do case $s in *:*) ;; *) ip route del "$s" ;; esac; done
mc network rm same skip skip2 pooled auto auto6 said >/dev/null

# --- names
web srv --network web --network-alias www
mc run -d --name srv2 --network web --network-alias www busybox sleep 1000 >/dev/null
web both --network web --network name=back,alias=b2 -p 8080:80
S=$(ip4 srv web) S2=$(ip4 srv2 web)
check "a name" "$(nslook both srv)" = "$S "
check "in any case" "$(nslook both SRV)" = "$S "
check "with the network's name" "$(nslook both srv.web)" = "$S "
check "the short id" "$(nslook both "$(mc inspect -f '{{slice .Id 0 12}}' srv)")" = "$S "
check "an alias of two: both" "$(nslook both www)" = "$(printf '%s\n' "$S" "$S2" | sort | tr '\n' ' ')"
check "the name of an address" "$(mc exec both nslookup "$S" 2>/dev/null)" "~" 'name = srv\.web'
exits 0 "the name exists without IPv6: no error" mc exec both nslookup -type=aaaa srv
check "a program reaches it by name" "$(ask both srv 80)" = "srv"
mc stop -t 0 srv2 >/dev/null
check "one that has ended is not answered any more" "$(nslook both www)" = "$S "
mc start srv2 >/dev/null; S2=$(ip4 srv2 web)
check "started again, it is" "$(nslook both www)" = "$(printf '%s\n' "$S" "$S2" | sort | tr '\n' ' ')"
mc rename srv2 other2
check "another name: found by it, and not by the old one" "$(nslook both other2)$(nslook both srv2)" = "$S2 "
check "... inspect says its names" "$(mc inspect -f '{{json (index .NetworkSettings.Networks "web").DNSNames}}' other2)" "~" '^."other2","www","[0-9a-f]{12}".$'
check "an own DNS name is not asked upstream on an internal network" "$(mc run --rm --network back busybox nslookup example.com 2>&1)" "~" REFUSED
check "both addresses of a name" "$(mc run --rm --network back busybox nslookup b2 | grep -c '^Address: \(10\.\|fd\)')" -eq 2
many=""; i=0; while [ $i -lt 40 ]; do many="$many --network-alias a$i.example"; i=$((i + 1)); done
cat >"$T/dns.py" <<'P'
# dns.py HOW NAME: one question to 127.0.0.11; prints code, number of answers, truncated.
import socket, struct, sys
how, name = sys.argv[1], sys.argv[2]
q = b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\0" + struct.pack(">HH", 1, 1)
m = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + q
if how == "garbage": m = b"\0" * 5
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if how == "tcp" else socket.SOCK_DGRAM); s.settimeout(3)
s.connect(("127.0.0.11", 53))
if how == "tcp":
    s.sendall(struct.pack(">H", len(m)) + m); n = struct.unpack(">H", s.recv(2))[0]; a = b""
    while len(a) < n: a += s.recv(n - len(a))
else:
    s.send(m); a = s.recv(4096)
f, qd, an = struct.unpack(">HHH", a[2:8]); print(f & 15, an, bool(f & 0x200))
P
check "one answer by UDP" "$(inside both python3 "$T/dns.py" udp srv)" = "0 1 False"
check "and by TCP" "$(inside both python3 "$T/dns.py" tcp srv)" = "0 1 False"
i=0; while [ $i -lt 36 ]; do printf 'up 10.213.0.%d - 02:42:00:00:00:%02x eth0 %064d %d %s crowd\n' $((i + 100)) $i $i "$(mc inspect -f '{{.State.Pid}}' srv)" "$(cut -d' ' -f22 "/proc/$(mc inspect -f '{{.State.Pid}}' srv)/stat")"; i=$((i + 1)); done >>"$T/root/networks/web/leases"
mc run -d --name ns --network back --expose 53/udp busybox sleep 1000 >/dev/null
background nsenter -t "$(mc inspect -f '{{.State.Pid}}' ns)" -n python3 -c 'import socket, time
for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
    s = socket.socket(socket.AF_INET, kind); s.bind(("", 53)); globals()[kind] = s
s.listen(1); print("ready", flush=True); time.sleep(1000)' >"$T/ns.out" 2>&1
exits 0 "a container that exposes port 53 may serve names on all its addresses" eventually 5 grep -qx ready "$T/ns.out"
check "... and still asks 127.0.0.11, by UDP and by TCP" "$(inside ns python3 "$T/dns.py" udp ns) $(inside ns python3 "$T/dns.py" tcp ns)" = "0 1 False 0 1 False"
mc restart -t 0 ns >/dev/null
check "... after a restart, too; debug net sees it" "$(inside ns python3 "$T/dns.py" udp ns) $(mc debug net ns | grep -c 'name server 127.0.0.11 is there')" = "0 1 False 1"
kill $BG; mc rm -f ns >/dev/null
check "too many for a datagram: cut, and said" "$(inside both python3 "$T/dns.py" udp crowd)" "~" '^0 (29|30) True'
check "TCP has them all" "$(inside both python3 "$T/dns.py" tcp crowd)" = "0 36 False"
sed -i '/crowd$/d' "$T/root/networks/web/leases"
cat >"$T/up.py" <<'P'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 53)); print("ready", flush=True)
while True:
    m, a = s.recvfrom(4096)
    s.sendto(m[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + m[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\xcb\0\x71\5", a)
P
printf 'nameserver 127.0.0.11\nnameserver 192.0.2.77\nnameserver 127.0.0.1\nsearch corp.example\n' >"$T/resolv"; mount --bind "$T/resolv" "$(readlink -f /etc/resolv.conf)"
background python3 "$T/up.py" >"$T/up.out"; eventually 5 grep -q ready "$T/up.out"
mc run -d --name asks --network web busybox sleep 1000 >/dev/null
check "a resolver on the host's loopback is asked; a dead one before it costs little" "$(inside asks python3 "$T/dns.py" udp far.example)" = "0 1 False"
check "the host's search list, and never its resolver" "$(mc exec asks cat /etc/resolv.conf | tr '\n' '|')" = "nameserver 127.0.0.11|search corp.example|options ndots:0|"
check "--dns-search, --dns-option" "$(mc run --rm --network web --dns-search a.b --dns-option ndots:3 --dns 192.0.2.53 busybox cat /etc/resolv.conf | tr '\n' '|')" = "nameserver 127.0.0.11|search a.b|options ndots:3|"
umount "$(readlink -f /etc/resolv.conf)"
mc rm -f asks >/dev/null

# --- walls
check "two networks do not reach each other" "$(mc run --rm busybox sh -c "nc -w 1 $S 80 </dev/null && echo reached")" = ""
check "by a published port they do" "$(mc run --rm busybox sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 2 192.0.2.1 8080 | tail -1")" = "both"
exits 1 "internal: no way out" mc run --rm --network back busybox ping -c 1 -W 1 192.0.2.2
check "internal: no default route" "$(mc run --rm --network back busybox ip route | grep -c default)" -eq 0
exits 0 "internal: neighbours are reached" mc run --rm --network back busybox ping -c 1 -W 1 b2
mc run --rm --network back -p 8070:80 busybox true 2>"$T/err"
check "internal: published ports are ignored, and that is said" "$(cat "$T/err")" "~" 'published ports .* are ignored'

# --- addresses
check "--ip, outside the range" "$(mc run --rm --network fix --ip 10.99.0.10 busybox ip -4 addr show eth0)" "~" 'inet 10.99.0.10/24'
check "others come from the range, their gateway is the one said" "$(mc run --rm --network fix busybox sh -c 'ip -4 addr show eth0; ip route')" "~" 'inet 10.99.0.1(2[89]|[3-9])'
check "the gateway" "$(mc run --rm --network fix busybox ip route)" "~" 'default via 10.99.0.254'
for a in 10.99.0.254 10.99.0.0 10.99.0.255 10.98.0.1; do mc run --rm --network fix --ip $a busybox true 2>/dev/null && not_ok "--ip $a must fail"; done; ok "gateway, network, broadcast, outside: refused"
mc create --name held --network fix --ip 10.99.0.129 busybox sleep 100 >/dev/null; mc start held >/dev/null; mc stop -t 0 held >/dev/null
check "the lease says so" "$(cut -d' ' -f1,2 "$T/root/networks/fix/leases" | grep 10.99.0.129)" = "held 10.99.0.129"
check "an --ip is held while its container is stopped" "$(i=0; while [ $i -lt 4 ]; do mc run --rm --network fix busybox ip -4 addr show eth0; i=$((i + 1)); done | grep -c '10.99.0.129/')" -eq 0
exits 0 "... and there when it starts again" mc start held
exits 125 "it is no other's" mc run --rm --network fix --ip 10.99.0.129 busybox true; check "docker's words" "$(cat "$T/err")" "~" 'Address already in use'
check "--mac-address" "$(mc run --rm --network fix --mac-address 02:42:ac:11:00:99 busybox cat /sys/class/net/eth0/address)" = "02:42:ac:11:00:99"
mc network create --subnet 10.55.0.0/30 tiny >/dev/null; mc run -d --name t1 --network tiny busybox sleep 100 >/dev/null
exits 125 "a full network" mc run --rm --network tiny busybox true; check "says so" "$(cat "$T/err")" "~" 'no free address left in 10.55.0.0/30'
mc rm -f held t1 >/dev/null

# --- words that go together with no network
exits 125 "host-gateway where there is no gateway" mc run --rm --network none --add-host gw:host-gateway busybox true
for n in container:x host; do exits 125 "a link in the network $n" mc run --rm --network $n --link x busybox true; check "... is a conflict" "$(cat "$T/err")" "~" "can't be used with links"; done
check "older words: --dns-opt and --net-alias" "$(mc run --rm --net back --net-alias other --dns-opt rotate busybox sh -c 'grep options /etc/resolv.conf; nslookup other | grep -c 10')" "~" 'rotate'
check "PROTOCOL in capitals" "$(mc create --name caps --expose 70/UDP -p 8099:80/TCP busybox true >/dev/null; mc inspect -f '{{json .Config.ExposedPorts}}{{json .HostConfig.PortBindings}}' caps; mc rm caps >/dev/null)" "~" '70/udp.*80/tcp'

# --- IPv6
mc network create --ipv6 --subnet 2001:db8:9::/64 six >/dev/null
web six1 --network six -p 8066:80
check "an IPv6 address at once, no second of waiting" "$(mc exec six1 ip -6 addr show eth0)" "~" '2001:db8:9::2/64 scope global'
check "a published port by IPv6, before the container has sent one packet" "$(out curl -s -m 3 'http://[2001:db8::1]:8066/')" = "six1"
exits 0 "IPv6 outside" mc exec six1 ping -6 -c 1 -W 2 2001:db8::2
check "ping by name takes it" "$(nslook six1 six1)" "~" '2001:db8:9::2'
mc rm -f six1 >/dev/null; mc network rm six tiny >/dev/null

# --- joining and leaving while running
check "the first network has the default route" "$(mc exec both ip route | grep default)" "~" 'dev eth0'
exits 0 "a running container joins" mc network connect --alias late fix both
check "it has one link more" "$(mc exec both ls /sys/class/net | tr '\n' ' ')" "~" 'eth0.*eth1.*eth2'
check "one default route still" "$(mc exec both ip route | grep -c default)" -eq 1
check "its alias is known there" "$(mc run --rm --network fix busybox nslookup late | sed -n '/^Name/,$s/^Address: //p' | head -1)" = "$(ip4 both fix)"
check "/etc/hosts has the new address" "$(mc exec both grep -c "^$(ip4 both fix)	" /etc/hosts)" -eq 1
exits 1 "no alias on the default bridge" mc network connect --alias q bridge both; exits 1 "nor an address" mc network connect --ip 10.213.0.55 bridge both
exits 1 "twice" mc network connect fix both; check "docker's words" "$(cat "$T/err")" "~" 'already exists in network fix'
exits 0 "it leaves the one with the default route" mc network disconnect web both
check "another one takes the route over" "$(mc exec both ip route | grep default)" "~" 'via 10.99.0.254 dev eth2'
check "the published port leads there, by the same number" "$(get http://127.0.0.1:8080/) $(mc port both 80 | head -1)" = "both 0.0.0.0:8080"
check "its name is gone there at once" "$(nslook srv both)" = ""
check "network inspect has its containers" "$(mc network inspect -f '{{range .Containers}}{{.Name}} {{end}}' web back fix | tr '\n' '|')" "~" 'srv .*\|both \|both \|'
exits 1 "it is not there any more" mc network disconnect web both; check "docker's words" "$(cat "$T/err")" "~" 'is not connected to network web'
exits 1 "a network in use stays" mc network rm web; check "who is in it" "$(cat "$T/err")" "~" 'active endpoints: .*(srv|other2)'
exits 0 "priority moves the default route" mc network connect --gw-priority 9 web both
check "to the one with the higher one" "$(mc exec both ip route | grep default)" "~" 'dev eth0'
exits 1 "--network none can't be connected" sh -c "$BIN/minictr run -d --name lone --network none busybox sleep 100 >/dev/null; exec $BIN/minictr network connect web lone"
mc restart -t 0 both >/dev/null
check "after a restart all networks are there" "$(mc inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{end}}' both | tr ' ' '\n' | sort | tr '\n' ' ')" "~" 'back fix web'
check "a start and an end are events of the network, too" "$(mc events --since 1h --until 0s --filter type=network --filter container=srv2 --format '{{.Action}}' | sort | uniq -c | tr -s ' \n' ' ')$(mc events --since 1h --until 0s --filter type=network --format '{{.Action}} {{.Actor.Attributes.name}}' | grep -c '^disconnect fix$')" "~" '[1-9]$'
check "events tell of networks" "$(mc events --since 1h --until 0s --filter type=network --format '{{.Action}}' | sort -u | tr '\n' ' ')" "~" 'connect create destroy disconnect'
# --- debug net: which fault is it?
faults() { mc debug net "$@" 2>&1 | grep FAULT; }
exits 0 "debug net: all is well" mc debug net both srv:80
check "names both networks" "$(cat "$T/out")" "~" 'both and srv are both in network web'
check "fault: no common network" "$(mc run -d --name far busybox sleep 100 >/dev/null; faults far srv)" "~" 'far and srv have no network in common'
check "fault: no names on the default bridge" "$(mc run -d --name far2 busybox sleep 100 >/dev/null; faults far far2)" "~" 'default bridge, where names are not known'
check "fault: no listener" "$(faults both srv:81)" "~" 'no program listens on port 81'
mc exec -d both httpd -p 127.0.0.1:8181
check "fault: 127.0.0.1 only" "$(eventually 5 sh -c "$BIN/minictr debug net srv both:8181 | grep -q 127.0.0.1"; faults srv both:8181)" "~" 'port 8181 is listened on at 127.0.0.1 only'
inside far2 ip route del default; check "fault: no default route" "$(faults far2)" "~" 'no default route'
inside far2 ip link set eth0 down; check "fault: link down" "$(faults far2)" "~" 'the link eth0 is down'
ip link set "$(mc inspect -f '{{.NetworkSettings.Networks.bridge.HostLink}}' far)" nomaster; check "fault: not plugged in" "$(faults far)" "~" 'is not plugged into'
# One fault after the other, each undone again: debug net names it.
mc network create faulty >/dev/null; web fa --network faulty -p 8078:80; web fb --network faulty
TAB=$(table); FB=$(mc network graph | sed -n 's/.*network faulty  bridge \(mb[0-9a-f]*\).*/\1/p'); FN=$(mc network inspect -f '{{(index .IPAM.Config 0).Subnet}}' faulty); FG=${FN%.0/24}.1
fault() { check "fault: $1" "$(faults $2)" "~" "$3"; }
nft delete element inet "$TAB" port4_any '{ tcp . 8078 }'; fault "a published port is gone" fa 'a published port is missing'; mc network repair
nft flush chain inet "$TAB" "nat_$FB"; fault "no masquerade" fa 'masquerades network faulty is gone'; mc network repair
nft delete element inet "$TAB" bridges "{ \"$FB\" }"; fault "a set lacks the bridge" fa "lacks $FB"; mc network repair
check "repair mends all three" "$(faults fa)" = ""
ip addr flush dev "$FB"; fault "the bridge has no address" fa 'has not its address'; ip addr add "$FG/24" dev "$FB"
ip route add "${FN%/24}/25" via 192.0.2.2; fault "a route of the host" fa 'takes packets for .*/25 away'; ip route del "${FN%/24}/25"
echo 0 >/proc/sys/net/ipv4/conf/up0/forwarding; fault "no forwarding" fa 'does not forward what comes in by up0'; echo 1 >/proc/sys/net/ipv4/conf/up0/forwarding
inside fa ip route replace default via "${FG}7"; fault "another gateway" fa "leads to ${FG}7, its gateway is $FG"; inside fa ip route replace default via "$FG"
inside fa ip route add default via "$FG" metric 9; fault "two default routes" fa '2 default routes'; inside fa ip route del default metric 9
nft 'add table inet fw; add chain inet fw f { type filter hook forward priority 0; policy drop; }'; fault "another firewall" fa 'chain f of table fw'; nft delete table inet fw
mc pause fa >/dev/null; fault "paused" fa 'fa is paused'; mc unpause fa >/dev/null
cp "$T/root/networks/faulty/leases" "$T/leases"; sed -i '/ fb /d' "$T/root/networks/faulty/leases"; fault "no name" "fa fb" 'fb has no name in network faulty'; cp "$T/leases" "$T/root/networks/faulty/leases"
echo nameserver 192.0.2.53 >"$T/other"; mc run -d --name fc --network faulty -v "$T/other:/etc/resolv.conf" busybox sleep 100 >/dev/null; fault "another name server" fc 'asks another server'
kill -9 "$(sed -n 's/^PPid:\t//p' "/proc/$(mc inspect -f '{{.State.Pid}}' fc)/status")"; eventually 10 sh -c "$BIN/minictr debug net fc | grep -q 'no name server'"; fault "no monitor" fc 'no name server at 127.0.0.11'
mc network create -o com.docker.network.bridge.enable_icc=false apart >/dev/null; mc network connect apart fa; mc network connect apart fb; mc network disconnect faulty fb; fault "neighbours apart" "fa fb" 'do not reach each other'
mc rm -f fa fb fc >/dev/null; mc network rm faulty apart >/dev/null
check "graph has bridges, containers, ports" "$(mc network graph | tr '\n' ' ')" "~" 'network web .*both .*0.0.0.0:8080 leads to port 80/tcp.*srv '
mc rm -f far far2 >/dev/null
check "explain shows rules to paste" "$(mc explain -v run --rm -p 8077:80 busybox true 2>&1 | sed -n 's/.*\(nft add element.*\) = 0.*/\1/p' | head -1)" "~" 'nft add element inet minictr_[0-9a-f]* port4_any \{ tcp \. 8077 : '
# --- links: a name that only this container's resolver knows ---
mc run -d --name up --network web busybox sleep 100 >/dev/null
mc run -d --name lk --network web --link up:db --link later:l8 --link-local-ip 169.254.8.8 busybox sleep 100 >/dev/null
ip_of() { mc inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }
asked() { mc exec "$1" nslookup "$2" 127.0.0.11 2>/dev/null | sed -n 's/^Address.*: *//p' | tail -1; }
check "link: its alias is answered, to this container only" "$(asked lk db) $(mc exec lk ping -c1 db >/dev/null 2>&1 && echo pinged) $(mc exec up ping -c1 db >/dev/null 2>&1 || echo unknown)" = "$(ip_of up) pinged unknown"
mc run -d --name later --network web busybox sleep 100 >/dev/null
check "link: to one that comes later, and has another address after its restart" "$(mc exec lk ping -c1 l8 >/dev/null 2>&1; echo $?) $(mc stop -t 0 later >/dev/null; mc run -d --name taker --network web busybox sleep 100 >/dev/null; mc start later >/dev/null; [ "$(asked lk l8)" = "$(ip_of later)" ] && echo new)" = "0 new"
check "link: inspect shows it where docker does" "$(mc inspect -f '{{json .NetworkSettings.Networks.web.Links}} {{json .HostConfig.Links}} {{json .NetworkSettings.Networks.web.IPAMConfig}}' lk)" = '["up:db","later:l8"] null {"LinkLocalIPs":["169.254.8.8"]}'
check "link-local address: beside its own" "$(inside lk ip -o -4 addr show dev eth0 | grep -c 'inet 169.254.8.8/16')" = 1
mc run -d --name dflt busybox sleep 100 >/dev/null; mc run -d --name dl --link dflt:db busybox sleep 100 >/dev/null
check "link on the default bridge: its alias alone, no other name" "$(asked dl db) $(mc exec dl ping -c1 dflt >/dev/null 2>&1 || echo unknown) $(mc inspect -f '{{json .HostConfig.Links}}' dl)" = "$(ip_of dflt) unknown [\"/dflt:/dl/db\"]"
exits 125 "link on the default bridge: to none" mc run --rm --link nosuch:db busybox true
check "connect with a link" "$(mc network disconnect web lk; mc network connect --link up:again web lk; asked lk again)" = "$(ip_of up)"
check "a name with a blank" "$(mc network create 'test 01' >/dev/null; mc run -d --name bl --network 'test 01' busybox sleep 100 >/dev/null; mc exec bl ping -c1 bl >/dev/null && echo resolved; mc rm -f bl >/dev/null; mc network rm 'test 01')" = "$(printf 'resolved\ntest 01')"
exits 1 "no blank at its end" mc network create 'test '
mc rm -f up lk later taker dflt dl >/dev/null
check "prune removes what nobody asks for" "$(mc network create idle >/dev/null; mc network prune -f | tr '\n' ' ')" "~" 'Deleted Networks: .*idle'
mc rm -f srv other2 both lone >/dev/null; mc network rm web back fix >/dev/null
check "nothing is left" "$(ip -o link | grep -c ' \(mb\|v[0-9a-f]\)') $(nft list tables | wc -l)" = "0 0"
plan $N
