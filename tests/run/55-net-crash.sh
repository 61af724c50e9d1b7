#!/bin/sh
# kill -9 at any moment of run, connect, disconnect, rm: the next command repairs what is left. Foreign firewalls. Two roots.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"
cat >"$T/killed.py" <<'P'
# killed.py MS COMMAND...: starts it and kills it after MS milliseconds.
import subprocess, sys, time
p = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(float(sys.argv[1]) / 1000); p.kill(); p.wait()
P
killed() { python3 "$T/killed.py" "$@"; }
# Addresses that two links have at the same time, over all containers.
doubles() { for c in $(mc ps -q); do mc exec "$c" sh -c "ip -4 -o addr show scope global" | awk '{print $4}'; done | sort | uniq -d; }

mc network create n1 >/dev/null; mc network create n2 >/dev/null
mc run -d --name one --network n1 busybox sleep 1000 >/dev/null
i=0
while [ $i -lt 14 ]; do
	killed $((i * 3 + 1)) "$BIN/minictr" network connect n2 one
	killed $((i * 2 + 1)) "$BIN/minictr" network disconnect n2 one
	killed $((i * 7 + 1)) "$BIN/minictr" run -d --name "k$i" --network n2 -p 8100:80 busybox sleep 1000
	mc rm -f "k$i" >/dev/null 2>&1
	i=$((i + 1))
done
mc run -d --name two --network n2 busybox sleep 1000 >/dev/null; mc run -d --name three --network n2 busybox sleep 1000 >/dev/null
mc network disconnect n2 one >/dev/null 2>&1; mc network connect n2 one >"$T/out" 2>&1
check "after kills in connect and disconnect it can join" "$(cat "$T/out") $(mc exec one ip -4 -o addr show scope global | wc -l)" = " 2"
check "no address is given twice" "$(doubles)" = ""
check "three know each other" "$(for n in two three; do mc exec one nslookup $n 2>/dev/null | sed -n '/^Name/,$s/^Address: //p'; done | wc -l)" -eq 2
check "leases are those of who runs" "$(grep -c '^\(up\|taken\)' "$T/root/networks/n2/leases")" -eq 3
web pub -p 8100:80
check "the port of killed starts is free" "$(get http://127.0.0.1:8100/)" = pub
kill -9 "$(sed -n 's/^PPid:\t//p' "/proc/$(mc inspect -f '{{.State.Pid}}' pub)/status")"; kill -9 "$(mc inspect -f '{{.State.Pid}}' pub)" 2>/dev/null
web again -p 8100:80
check "a killed monitor leaves no port behind" "$(get http://127.0.0.1:8100/)" = again
mc rm -f pub >/dev/null
check "removing the dead one leaves the other's port alone" "$(get http://127.0.0.1:8100/)" = again
# Monitor and container killed together, nothing cleaned up, no record of the ports: the next holder of the address must not get them.
N2=$(mc network inspect -f '{{(index .IPAM.Config 0).Subnet}}' n2 | sed 's,\.[0-9]*/.*,,')
nft add element inet "$(table)" port4_any "{ tcp . 8123 : $N2.99 . 80 }"; nft add element inet "$(table)" port4_at "{ 192.0.2.1 . udp . 8124 : $N2.99 . 80 }"
sleep 0 & DEAD=$!; wait $DEAD; printf 'up %s - 02:42:00:00:00:63 eth0 %064d %d 1 ghost\n' "$N2.99" 9 "$DEAD" >>"$T/root/networks/n2/leases"
mc run --rm --network n2 busybox true
check "a dead holder's published ports go before its address is free" "$(nft -n list table inet "$(table)" | grep -c "812[34] : ") $(grep -c ghost "$T/root/networks/n2/leases")" = "0 0"
check "... and no other's" "$(get http://127.0.0.1:8100/)" = again
sed -i '1s/.*/leases 1 00000000-0000-0000-0000-000000000000/' "$T/root/networks/n1/leases"
mc run -d --name later --network n1 busybox sleep 1000 >/dev/null
check "leases of another boot are free" "$(grep -c '^up' "$T/root/networks/n1/leases")" -eq 1
# --- a start that meets the end of the last one: this plays the end, with its lock
cat >"$T/end.py" <<'P'
# end.py LOCK COMMAND...: takes LOCK and starts COMMAND. When that waits for LOCK, the bridges go, and LOCK itself is
# made anew and taken again, twice. Then COMMAND may go on; its status is ours.
import fcntl, os, socket, subprocess, sys, time
def take():
    f = open(sys.argv[1], "w"); fcntl.flock(f, fcntl.LOCK_EX); return f
def waits(f, p):
    inode = ":%d " % os.fstat(f.fileno()).st_ino
    while p.poll() is None:
        if any("->" in l and inode in l for l in open("/proc/locks")): return True
        time.sleep(0.01)
    return False
held = take(); p = subprocess.Popen(sys.argv[2:])
for again in (1, 2):
    if not waits(held, p): print("it did not wait for lock", again); break
    for _, link in socket.if_nameindex():
        if link.startswith("mb"): subprocess.run(["ip", "link", "del", link])
    os.unlink(sys.argv[1]); fresh = take(); held.close(); held = fresh
held.close(); sys.exit(p.wait())
P
KEY=$(table); LOCK=$(ls /run/minictr/"${KEY#minictr_}"*/net.lock)
exits 0 "a start makes its bridge after the end of others, not during it" timeout 20 python3 "$T/end.py" "$LOCK" "$BIN/minictr" run --rm --network n2 busybox ip route
check "and it waits for the lock that is there, not for one that was removed" "$(cat "$T/out")" "~" "^default via"
check "... both times" "$(cat "$T/out")" "!~" "did not wait"
# --- `network rm` and `network repair` that meet a start: it has an address and a cable, and no record yet
cat >"$T/start.py" <<'P'
# start.py LOCK DIR LINK COMMAND...: COMMAND waits for LOCK while a start (this process) takes an address in DIR, behind LINK.
import fcntl, os, re, subprocess, sys, time
f = open(sys.argv[1], "w"); fcntl.flock(f, fcntl.LOCK_EX)
p = subprocess.Popen(sys.argv[4:])
inode = ":%d " % os.fstat(f.fileno()).st_ino
for i in range(500):
    if any("->" in l and inode in l for l in open("/proc/locks")): break
    if p.poll() is not None: print("it did not wait"); break
    time.sleep(0.01)
born = open("/proc/self/stat").read().rsplit(")", 1)[1].split()[19]
lines = [l for l in open(sys.argv[2] + "/leases") if " starting" not in l]
lines.append("taken 10.99.0.77 - 02:42:00:00:00:4d eth0 %s %d %s starting\n" % (sys.argv[3][5:13] + "0" * 56, os.getpid(), born))
open(sys.argv[2] + "/leases", "w").writelines(lines)
f.close(); sys.exit(p.wait())
P
mc network create --subnet 10.99.0.0/24 n3 >/dev/null; mc run -d --name four --network n3 busybox sleep 1000 >/dev/null
cable="v$(echo "$KEY" | cut -c9-12)deadbeef0"; ip link add "$cable" type veth peer name deadbeef
exits 0 "repair that waited for a start" python3 "$T/start.py" "$LOCK" "$T/root/networks/n3" "$cable" "$BIN/minictr" network repair
check "... leaves its cable" "$(cat "$T/out") $(ip -o link show "$cable" | wc -l)" = " 1"
mc rm -f four >/dev/null
exits 1 "rm that waited for a start" python3 "$T/start.py" "$LOCK" "$T/root/networks/n3" "$cable" "$BIN/minictr" network rm n3
check "... names it" "$(cat "$T/out" "$T/err")" "~" "^minictr: network n3 has active endpoints: starting"
mc network rm n3 >/dev/null; ip link del "$cable"
# network connect killed between its record and its names, disconnect before its record: the next start finishes it
mc network create n3b >/dev/null; mc network connect n3b two
HAVE=$(mc inspect -f '{{.NetworkSettings.Networks.n3b.IPAddress}}' two); sleep 0 & DEAD=$!; wait $DEAD
sed -i "s/^up \(.* eth1 [0-9a-f]* \)[0-9]* [0-9]*/taken \1$DEAD 1/" "$T/root/networks/n3b/leases"
mc run --rm --network n3b busybox true
check "a record that says it has the address keeps cable and name" "$(mc exec two ip -4 -o addr show eth1 | grep -c "$HAVE/") $(mc run --rm --network n3b busybox nslookup two | sed -n '/^Name/,$s/^Address: //p')" = "1 $HAVE"
# ... and so do a disconnect, a connect and a repair that come next
half() { sleep 0 & DEAD=$!; wait $DEAD; sed -i "s/^up \(.* eth[12] [0-9a-f]* \)[0-9]* [0-9]*/taken \1$DEAD 1/" "$T/root/networks/n3b/leases"; }
links() { mc exec two ls /sys/class/net | grep -c eth; }
half; mc network repair
check "repair finishes it" "$(grep -c '^up' "$T/root/networks/n3b/leases")" -eq 1
half; exits 1 "connect once more says that it is there" mc network connect n3b two
check "... and now its name is" "$(mc run --rm --network n3b busybox nslookup two | sed -n '/^Name/,$s/^Address: //p')" = "$HAVE"
half; exits 0 "disconnect takes it out" mc network disconnect n3b two
check "... cable and address" "$(links) $(grep -c '^\(up\|taken\)' "$T/root/networks/n3b/leases")" = "1 0"
mc network connect n3b two
# killed between rules and record: the published port leads to the other network already
mc run -d --name moved --network n3b -p 8125:80 busybox sleep 1000 >/dev/null; mc network connect n2 moved
WAS=$(mc inspect -f '{{.NetworkSettings.Networks.n3b.IPAddress}}' moved) IS=$(mc inspect -f '{{.NetworkSettings.Networks.n2.IPAddress}}' moved)
printf 'delete element inet %s port4_any { tcp . 8125 : %s . 80 }\nadd element inet %s port4_any { tcp . 8125 : %s . 80 }\n' "$(table)" "$WAS" "$(table)" "$IS" | nft -f -
exits 0 "disconnect once more goes through" mc network disconnect n3b moved
check "... and the port leads there" "$(nft -n list table inet "$(table)" | grep -o "8125 : $IS . 80")" = "8125 : $IS . 80"
mc rm -f moved >/dev/null
mc network disconnect n3b two; mc network rm n3b >/dev/null
# a create and a removal that were killed: their directories have no name
for n in prune repair; do
	mkdir "$T/root/networks/$(printf '%064d' 5)"; before=$(mc network ls -q | wc -l)
	if [ $n = prune ]; then mc network prune -f --filter label=none; else mc network repair; fi
	check "network $n takes what has no name, and nothing else" "$(ls -d "$T/root/networks/$(printf '%064d' 5)" 2>/dev/null) $(mc network ls -q | wc -l)" = " $before"
done
mc rm -f one two three again later >/dev/null
mc network rm n1 n2 >/dev/null
check "nothing is left of all that" "$(ip -o link | grep -c ' \(mb\|v[0-9a-f]\)') $(nft list tables | wc -l)" = "0 0"

# --- firewalls of others
printf 'table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tjump DOCKER-USER\n\t}\n\tchain INPUT {\n\t\ttype filter hook input priority 0; policy drop;\n\t\tiif "lo" accept\n\t\tct state established accept\n\t}\n\tchain DOCKER-USER {\n\t}\n}\n' >"$T/docker.nft"
{ echo "add table ip filter"; echo "add chain ip filter DOCKER-USER"; cat "$T/docker.nft"; } | nft -f -
nft -s list ruleset >"$T/before"
exits 1 "a forward policy drop stops containers" mc run --rm busybox ping -c 1 -W 1 192.0.2.2
check "that is said, with the command that helps" "$(cat "$T/err")" "~" "chain FORWARD of table filter.* nft 'insert rule ip filter DOCKER-USER iifname"
sed -n "s/.*nft '\(.*\)'; or.*/\1/p" "$T/err" | tr ';' '\n' >"$T/paste"
mc run -d --name ww busybox sleep 100 >/dev/null 2>&1; nft -f "$T/paste"
exits 0 "that command helps" mc exec ww ping -c 1 -W 1 192.0.2.2
mc rm -f ww >/dev/null
check "its rules go with ours" "$(nft -s list ruleset | diff "$T/before" -)" = ""
echo '{"firewall": "cooperate"}' >"$T/root/config.json"
web ww -p 8080:80
exits 0 "cooperate: containers get out" mc exec ww ping -c 1 -W 1 192.0.2.2
check "cooperate: published ports are reached" "$(out curl -s -m 3 http://192.0.2.1:8080/)" = ww
mc network create named >/dev/null; check "names are answered though input drops" "$(mc run --rm --network named --name myself busybox nslookup myself 2>/dev/null | grep -c "^Name")" -ge 1
mc run --rm busybox true 2>"$T/err"; check "nothing is said then" "$(cat "$T/err")" = ""
mc network rm named >/dev/null
check "one rule for each direction, however many starts" "$(nft list chain ip filter DOCKER-USER | grep -c minictr_)" -eq 2
mc rm -f ww >/dev/null
check "cooperate's rules are removed with the last container" "$(nft -s list ruleset | diff "$T/before" -)" = ""
rm "$T/root/config.json"; nft delete table ip filter
echo '{"firewall": "maybe"}' >"$T/root/config.json"; exits 1 "a word that is none" mc ps; check "which there are" "$(cat "$T/err")" "~" 'neither warn nor cooperate'
echo '{"default-address-pools": [{"base": "10.0.0.0/16", "size": 12}]}' >"$T/root/config.json"; exits 1 "a pool that cannot be" mc ps; check "which one" "$(cat "$T/err")" "~" 'default-address-pools\[0\]'
rm "$T/root/config.json"

# firewalld accepts by policy and rejects by the last rule; for IPv6 a table of its own may drop
printf 'table inet firewalld {\n\tchain filter_FORWARD {\n\t\ttype filter hook forward priority filter + 10; policy accept;\n\t\tct state established,related accept\n\t\tct status dnat accept\n\t\treject with icmpx admin-prohibited\n\t}\n}\ntable ip6 six {\n\tchain f {\n\t\ttype filter hook forward priority 0; policy drop;\n\t\tct state established accept\n\t}\n}\n' | nft -f -
exits 1 "a last rule that rejects stops containers" mc run --rm busybox ping -c 1 -W 1 192.0.2.2
check "that is said, with firewalld's own command" "$(cat "$T/err")" "~" 'filter_FORWARD of table firewalld.*firewall-cmd --zone=trusted --add-interface=mb[0-9a-f]*;'
nft insert rule inet firewalld filter_FORWARD iifname "$(grep -o 'interface=mb[0-9a-f]*' "$T/err" | head -1 | cut -d= -f2)" accept comment '"by hand"'
check "a table that names the bridge is not warned about" "$(mc run --rm busybox ping -c 1 -W 1 192.0.2.2 2>&1)" "~" '^[^W]*1 packets received'
mc network create --ipv6 --subnet 2001:db8:a::/64 six6 >/dev/null
mc run --rm --network six6 busybox true 2>"$T/err"; check "for a network with IPv6, the table of IPv6 is looked at, too" "$(cat "$T/err")" "~" 'insert rule ip6 six f iifname'
nft flush ruleset; printf 'table inet t {\n\tchain f {\n\t\ttype filter hook forward priority 0; policy accept;\n\t\tip daddr 203.0.113.0/24 drop\n\t}\n}\n' | nft -f -
check "a last rule with a condition is nobody's end" "$(mc run --rm busybox true 2>&1)" = ""
nft delete table inet t
echo '{"firewall": "cooperate"}' >"$T/root/config.json"; mc run -d --name ww busybox sleep 100 >/dev/null
nft -f - <"$T/docker.nft" 2>/dev/null || { printf 'add table ip filter\nadd chain ip filter DOCKER-USER\n'; cat "$T/docker.nft"; } | nft -f -
exits 1 "another firewall comes up" mc exec ww ping -c 1 -W 1 192.0.2.2; mc network repair
exits 0 "network repair lets containers pass it" mc exec ww ping -c 1 -W 1 192.0.2.2
for i in 1 2 3 4 5 6 7 8 9 10; do mc network create "co$i" >/dev/null; mc run -d --name "co$i" --network "co$i" busybox sleep 100 >/dev/null; done
check "each network has its rules there" "$(nft list chain ip filter DOCKER-USER | grep -c minictr_)" -eq 22
mc rm -f ww co1 co2 co3 co4 co5 co6 co7 co8 co9 co10 >/dev/null
check "and all of them go" "$(nft list table ip filter | grep -c minictr_)" -eq 0
mc network rm co1 co2 co3 co4 co5 co6 co7 co8 co9 co10 >/dev/null; nft delete table ip filter; rm "$T/root/config.json"
if needs ip6tables-legacy && ip6tables-legacy -P FORWARD DROP 2>/dev/null; then
	mc run --rm --network six6 busybox true 2>"$T/err"
	check "ip6tables-legacy: a policy drop is said" "$(cat "$T/err")" "~" "FORWARD of ip6tables-legacy.*ip6tables-legacy -I FORWARD -i .* -j ACCEPT; ip6tables-legacy -I FORWARD -o"
	sed -n 's/.*Let it pass: //p' "$T/err" >"$T/paste"; sh "$T/paste"
	check "those commands help" "$(mc run --rm --network six6 busybox ping -6 -c 1 -W 2 2001:db8::2 2>&1)" "~" '^[^W]*1 packets received'
	check "a network without IPv6 is not spoken of" "$(ip6tables-legacy -F FORWARD; mc run --rm busybox true 2>&1)" = ""
	ip6tables-legacy -P FORWARD ACCEPT; ip6tables-legacy -A FORWARD -j REJECT
	check "ip6tables-legacy: a last REJECT is said" "$(mc run --rm --network six6 busybox true 2>&1)" "~" "FORWARD of ip6tables-legacy"
	ip6tables-legacy -F FORWARD
fi
mc network rm six6 >/dev/null
if needs iptables-legacy && iptables-legacy -P FORWARD DROP 2>/dev/null; then
	exits 1 "iptables-legacy: a policy drop stops containers" mc run --rm busybox ping -c 1 -W 1 192.0.2.2
	check "that is said, too" "$(cat "$T/err")" "~" "FORWARD of iptables-legacy.*iptables-legacy -I FORWARD -i .* -j ACCEPT; iptables-legacy -I FORWARD -o .* -j ACCEPT"
	sed -n 's/.*Let it pass: //p' "$T/err" >"$T/paste"; sh "$T/paste"
	exits 0 "those commands help" mc run --rm busybox ping -c 1 -W 1 192.0.2.2
	check "and nothing is said then" "$(cat "$T/err")" = ""
	iptables-legacy -P FORWARD ACCEPT; iptables-legacy -F FORWARD
fi

# --- two roots side by side
web a1
mc2() { "$BIN/minictr" --root "$T/second" "$@"; }
mc2 internal starter >/dev/null 2>&1
mc2 run -d --name a1 busybox sleep 1000 >/dev/null
A=$(mc inspect -f '{{.NetworkSettings.IPAddress}}' a1) B=$(mc2 inspect -f '{{.NetworkSettings.IPAddress}}' a1)
check "two engines: two subnets, two bridges, two tables" "$(echo "$A" | cut -d. -f1-3 | grep -c "$(echo "$B" | cut -d. -f1-3)") $(ip -o link show type bridge | wc -l) $(nft list tables | grep -c minictr_)" = "0 2 2"
check "... walls between them" "$(mc2 exec a1 sh -c "nc -w 1 $A 80 </dev/null && echo reached")" = ""
mc2 rm -f a1 >/dev/null
check "the end of one leaves the other alone" "$(ip -o link show type bridge | wc -l) $(nft list tables | grep -c minictr_) $(mc exec a1 ip route | grep -c default)" = "1 1 1"
mc rm -f a1 >/dev/null
# Two that chose while no bridge was up chose the same subnet: the second to come up moves.
mc3() { "$BIN/minictr" --root "$T/third" "$@"; }
mc3 internal starter >/dev/null 2>&1
subnet='{{range .IPAM.Config}}{{.Subnet}}{{end}}'
rm -rf "$T/second/networks"
check "two roots at rest choose the same subnet" "$(mc2 network inspect -f "$subnet" bridge)" = "$(mc3 network inspect -f "$subnet" bridge)"
mc2 run -d --name first busybox sleep 1000 >/dev/null
check "the second to come up has a network, too, and no warning" "$(mc3 run --rm busybox ip -4 -o addr show eth0 2>&1 | grep -c -e 'inet 10' -e WARNING)" = 1
check "... in another subnet" "$(mc3 network inspect -f "$subnet" bridge)" != "$(mc2 network inspect -f "$subnet" bridge)"
mc2 rm -f first >/dev/null
# Six that come up in the same milliseconds, three times.
for r in 1 2 3 4 5 6; do rm -rf "$T/six$r"; cp -a "$T/third" "$T/six$r"; done
for round in 1 2 3; do
	rm -rf "$T"/six*/networks; STARTS=""
	for r in 1 2 3 4 5 6; do
		"$BIN/minictr" --root "$T/six$r" run -d --name six busybox sleep 1000 >"$T/six$r.out" 2>&1 & STARTS="$STARTS $!"
	done
	wait $STARTS
	for r in 1 2 3 4 5 6; do "$BIN/minictr" --root "$T/six$r" exec six ip -4 -o route show dev eth0 2>&1 | grep -v default; done >"$T/six.routes"
	check "six roots at once, round $round: no warning, six subnets" "$(cat "$T"/six?.out | grep -vc '^[0-9a-f]\{64\}$') $(sort -u "$T/six.routes" | grep -c '^10\..*src 10\.')" = "0 6"
	for r in 1 2 3 4 5 6; do "$BIN/minictr" --root "$T/six$r" rm -f six >/dev/null; done
done
plan $N
