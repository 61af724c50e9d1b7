#!/bin/sh
# 58-net-many.sh - 200 containers on one network: addresses, names, one alias for all, and how it ends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"
mc network create --subnet 10.77.0.0/24 many >/dev/null
# Four at a time: addresses are asked for by several starts at once.
seq 1 200 | xargs -P 4 -I{} "$BIN/minictr" run -d --name 'c{}' --network many --network-alias all --stop-timeout 0 busybox sleep 1000 >"$T/ids" 2>"$T/errs"
check "200 run" "$(sort -u "$T/ids" | wc -l) $(mc ps -q | wc -l) $(cat "$T/errs")" = "200 200 "
sed -n 's/^up \([0-9.]*\) .*/\1/p' "$T/root/networks/many/leases" | sort -u >"$T/addresses"
check "200 addresses" "$(wc -l <"$T/addresses")" -eq 200
check "200 ports of one bridge" "$(ip -o link show type veth | grep -c "master mb")" -eq 200
check "the kernel's addresses are those of the leases" "$(for c in c1 c77 c142 c200; do mc exec "$c" ip -4 -o addr show eth0 | sed 's/.*inet \([0-9.]*\).*/\1/'; done | grep -cxFf "$T/addresses")" -eq 4
check "one container finds all others by name" "$(mc exec c1 sh -c 'for i in $(seq 1 200); do nslookup c$i 2>/dev/null | sed -n "/^Name/,\$s/^Address: //p"; done' | sort -u | diff - "$T/addresses" | wc -l)" -eq 0
check "... and reaches each" "$(mc exec c200 sh -c 'n=0; for a in $(seq 2 201); do ping -c 1 -W 2 10.77.0.$a >/dev/null && n=$((n + 1)); done; echo $n')" -eq 200
cat >"$T/ask.py" <<'P'
# ask.py: the A records of "all", by UDP (is it cut short?) and by TCP (how many are there?).
import socket, struct
q = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\3all\0" + struct.pack(">2H", 1, 1)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.settimeout(3); u.sendto(q, ("127.0.0.11", 53)); a = u.recv(4096)
t = socket.create_connection(("127.0.0.11", 53), 3); t.sendall(struct.pack(">H", len(q)) + q)
n = struct.unpack(">H", t.recv(2, socket.MSG_WAITALL))[0]; b = t.recv(n, socket.MSG_WAITALL)
print("cut" if a[2] & 2 else "whole", struct.unpack(">H", b[6:8])[0])
P
check "the alias of all 200: cut short by UDP, whole by TCP" "$(inside c5 python3 "$T/ask.py")" = "cut 200"
mc rm -f c17 >/dev/null
check "one less is answered at once" "$(inside c5 python3 "$T/ask.py")" = "cut 199"
exits 125 "a name that is taken" mc run -d --name c18 --network many busybox true
mc network create --subnet 10.78.0.0/29 small >/dev/null
for i in 1 2 3 4 5; do mc run -d --name "s$i" --network small busybox sleep 1000 >/dev/null; done
exits 125 "a full network refuses the next one" mc run -d --name s6 --network small busybox true
check "... in a sentence" "$(cat "$T/err")" "~" "network small has no free address left in 10.78.0.0/29"
mc rm -f $(mc ps -aq) >/dev/null
check "rm -f of all: no link, no lease" "$(sleep 2; ip -o link show type veth | grep -c 'v[0-9a-f]\{12\}') $(grep -c '^\(up\|taken\)' "$T/root/networks/many/leases")" = "0 0"
plan $N
