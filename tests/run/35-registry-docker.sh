#!/bin/sh
# The real docker, in namespaces of its own, against our registry: pull, push, mirror; and our pull of what docker pushed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
needs dockerd docker unshare python3 || skip_all "docker is not installed (make peers)"
# Network, mounts and processes of its own: the daemon sees no interface but loopback, and dies with the first process.
if [ "${1:-}" != inside ]; then
	unshare --net --mount --pid --fork --kill-child --mount-proc sh "$0" inside; exit $?
fi
ip link set lo up
mkdir -p "$DOCKER_CONFIG"
export DOCKER_HOST="unix://$T/d.sock"
layout "$T/img" 2 100; A=$DIGEST
our_registry "$T/served"; P=127.0.0.1:$PORT; LOG=$T/serve.$PORT.log
fault_registry "$T/img" count
mi pull -q "127.0.0.1:$PORT/x" >/dev/null; mi tag "127.0.0.1:$PORT/x" "$P/t/x:1" && mi push -q "$P/t/x:1" >/dev/null
mi tag "127.0.0.1:$PORT/x" planted && MINICTR_ROOT=$T/root our_registry "$T/root"; M=127.0.0.1:$PORT
echo '{}' >"$T/daemon.json"
background dockerd --config-file "$T/daemon.json" -H "$DOCKER_HOST" --data-root "$T/dd" --exec-root "$T/de" --pidfile "$T/d.pid" \
	--bridge none --iptables=false --ip6tables=false --storage-driver vfs --registry-mirror "http://$M" >"$T/dockerd.log" 2>&1
dockerd=$BG
eventually 20 docker version || skip_all "dockerd does not start here: $(grep -i fail "$T/dockerd.log" | tail -1)"
plan 9
exits 0 "docker pulls from our registry" docker pull "$P/t/x:1"
check "the same digest" "$(grep ^Digest "$T/out")" = "Digest: $A"
check "and prints the lines that ours prints" "$(grep -c 'Pull complete$' "$T/out") $(tail -1 "$T/out")" = "2 $P/t/x:1"
docker tag "$P/t/x:1" "$P/t/y:2"
exits 0 "docker pushes to our registry" docker push "$P/t/y:2"
check "it takes the layers over instead of sending them" "$(grep -c 'Mounted from\|Layer already exists' "$T/out")" = 2
D=$(sed -n 's/.*digest: \(sha256:[0-9a-f]*\).*/\1/p' "$T/out")
exits 0 "we pull what docker pushed" mi pull "$P/t/y:2"
check "by the digest that docker printed" "$(grep ^Digest "$T/out")" = "Digest: $D"
exits 0 "our registry as docker's mirror for the Hub" docker pull planted
check "same digest by the mirror" "$(grep ^Digest "$T/out")" = "Digest: $A"
kill "$dockerd"; wait "$dockerd" 2>/dev/null
