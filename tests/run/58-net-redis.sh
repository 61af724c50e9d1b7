#!/bin/sh
# 58-net-redis.sh - a web and a redis container of a Debian tree: by name, by a published port, data in a volume, a second
# network joined while running, and nothing left. The tree (mmdebstrap with redis, 180 MB) is made only when asked for:
# MINICTR_REDIS=FILE.tar names one, and is made there when it is missing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/net.sh"
tar=${MINICTR_REDIS:-/var/tmp/minictr-test-redis.tar}
if [ ! -s "$tar" ]; then
	[ -n "${MINICTR_REDIS:-}" ] || skip_all "no Debian tree with redis: MINICTR_REDIS=FILE.tar makes and keeps one (two minutes, 180 MB)"
	needs mmdebstrap || skip_all "mmdebstrap is not installed (make peers)"
	mmdebstrap -q --variant=apt --include=redis-server,busybox bookworm "$tar" >/dev/null 2>"$T/err" || skip_all "mmdebstrap: $(tail -1 "$T/err")"
fi
ip -br link | grep -v '^lo ' | awk '{print $1}' | sort >"$T/links"; nft list ruleset >"$T/rules"; sysctl -a 2>/dev/null | grep forwarding >"$T/sysctl"
mc import - localhost/debian-redis <"$tar" >/dev/null
mkdir "$T/web"; cat >"$T/web/hits" <<'W'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n'
redis-cli -h redis incr hits
W
chmod 755 "$T/web" "$T/web/hits"
start() {  # the two containers, as a user starts them
	mc run -d --name redis --network app -v data:/var/lib/redis localhost/debian-redis redis-server --dir /var/lib/redis --bind 0.0.0.0 --protected-mode no --appendonly yes >/dev/null &&
	eventually 20 mc exec redis redis-cli ping &&
	mc run -d --name web --network app -p 8080:80 -v "$T/web:/srv/cgi-bin:ro" localhost/debian-redis busybox httpd -f -p 80 -h /srv >/dev/null &&
	eventually 10 get http://127.0.0.1:8080/cgi-bin/hits
}
hits() { get "http://$1:8080/cgi-bin/hits"; }
mc network create app >/dev/null; mc network create other >/dev/null
exits 0 "both start" start
one=$(hits 127.0.0.1)
check "the web finds redis by name, and is reached by the published port" "$one" -ge 2
check "also from another machine" "$(out curl -s -m 5 http://192.0.2.1:8080/cgi-bin/hits)" -eq $((one + 1))
A=$(mc inspect -f '{{.NetworkSettings.Networks.app.IPAddress}}' redis); try="timeout 2 bash -c '</dev/tcp/$A/6379 && echo reached' 2>&1"
out ip route add "$A" via 192.0.2.1
check "redis, which is not published, is reached by this host and by no other" "$(sh -c "$try") $(out sh -c "$try")" "!~" "reached.*reached"
check "... (by this host it is)" "$(sh -c "$try")" = reached
mc run -d --name stranger --network other localhost/debian-redis sleep 1000 >/dev/null
check "a container of another network does not find it" "$(mc exec stranger timeout 5 redis-cli -h redis ping 2>&1)" "!~" PONG
mc exec redis redis-cli set planted "$$" >/dev/null
mc network connect --alias store other redis
check "it joins that network while it runs: by name and by alias" "$(mc exec stranger redis-cli -h redis get planted) $(mc exec stranger redis-cli -h store ping)" = "$$ PONG"
check "... and the first one still works" "$(hits 127.0.0.1)" -eq $((one + 2))
mc network disconnect other redis
check "and leaves it" "$(mc exec stranger timeout 5 redis-cli -h redis ping 2>&1)" "!~" PONG
mc stop web redis >/dev/null; mc rm web redis >/dev/null
exits 0 "two new containers" start
check "the data outlived the first two" "$(mc exec redis redis-cli get planted) $(($(hits 127.0.0.1) > one + 2))" = "$$ 1"
mc volume export data >"$T/data.tar.zst"; mc volume import moved <"$T/data.tar.zst" >/dev/null
check "a copy of the volume holds them, too" "$(mc run --rm -v moved:/var/lib/redis localhost/debian-redis sh -c 'redis-server --dir /var/lib/redis --appendonly yes --daemonize yes >/dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do redis-cli get planted 2>/dev/null && break; sleep 0.3; done' | tail -1)" = "$$"
mc rm -f web redis stranger >/dev/null; mc network rm app other >/dev/null; mc volume rm data moved >/dev/null
check "after rm: no link, no rule, no volume, no process" "$(sleep 1; ip -br link | grep -v '^lo ' | awk '{print $1}' | sort | diff "$T/links" -)$(nft list ruleset | diff "$T/rules" -)$(mc volume ls -q)$(pgrep -f "redis-server --dir /var/lib/redis" | head -1)" = ""
check "forwarding is as it was" "$(sysctl -a 2>/dev/null | grep forwarding | diff "$T/sysctl" -)" = ""
plan $N
