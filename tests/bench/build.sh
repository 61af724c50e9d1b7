#!/bin/bash
# Builds beside buildah (and BuildKit, where dockerd starts): ten steps with a tree of MB megabytes in FILES files cold and fully
# cached, one changed byte at the end, two independent stages, 20,000 small files. Median of RUNS, milliseconds.
# Goals: cold at most a third of the better peer; fully cached at most 50 with a warm stat cache, 250 the first time.
. "$(dirname "$0")/common.sh"
N=${RUNS:-5}; MB=${MB:-57}; FILES=${FILES:-1400}; SMALL=${SMALL:-20000}
mk_rootfs "$T/rootfs"
tar -C "$T/rootfs" -c . >"$T/base.tar"; mc import "$T/base.tar" localhost/base:1 >/dev/null
mc save localhost/base:1 >"$T/base.docker"
mkdir -p "$T/ten" "$T/two" "$T/small"
python3 - "$T" "$MB" "$FILES" "$SMALL" <<'P'
import os, random, sys
t, mb, files, small = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
random.seed(1)
for i in range(files):
    d = f"{t}/ten/tree/d{i % 40}"; os.makedirs(d, exist_ok=True); open(f"{d}/f{i}", "wb").write(random.randbytes(mb * 1000000 // files))
for i in range(small):
    d = f"{t}/small/s/d{i % 200}"; os.makedirs(d, exist_ok=True); open(f"{d}/f{i}", "w").write(str(i))
P
mkdir "$T/ten/a"; echo a >"$T/ten/a/a"; echo b >"$T/ten/b"
printf 'FROM localhost/base:1\nCOPY a /a\nRUN echo 1 >/1\nRUN echo 2 >/2\nCOPY tree /tree\nRUN echo 3 >/3\nWORKDIR /w\nRUN echo 4 >/4\nRUN echo 5 >/5\nCOPY b /b\nCMD ["sh"]\n' >"$T/ten/Dockerfile"
printf 'FROM localhost/base:1 AS a\nRUN i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo 1 >/1\nFROM localhost/base:1 AS b\nRUN i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo 2 >/2\nFROM scratch\nCOPY --from=a /1 /1\nCOPY --from=b /2 /2\n' >"$T/two/Dockerfile"
printf 'FROM scratch\nCOPY s /s\n' >"$T/small/Dockerfile"

ours() { mc build -q --network none "$@" >/dev/null 2>"$T/log"; }
ba() { buildah --root "$T/ba" --runroot "$T/bar" --storage-driver overlay "$@"; }
theirs() { if [ "$1" = --no-cache ]; then shift; ba build -q --no-cache --layers --network none --isolation oci "$@"; else ba build -q --layers --network none --isolation oci "$@"; fi >/dev/null 2>"$T/log"; }
# BuildKit inside dockerd speaks with a client before 23; later ones want a plugin, buildx.
KIT=$DOCKER; for c in $(which -a docker); do case $("$c" -v) in *"version 1"[0-9].*|*"version 20."*) KIT=$c; break ;; esac; done
kit() { DOCKER_BUILDKIT=1 $KIT build -q --network none "$@" >/dev/null 2>"$T/log"; }
engines="ours"
if ! skip buildah && command -v buildah >/dev/null && ba pull -q "docker-archive:$T/base.docker" >/dev/null 2>"$T/log"; then engines="$engines theirs"; else echo "# buildah left out: $(tail -1 "$T/log" 2>/dev/null)"; fi
if ! skip docker && command -v dockerd >/dev/null; then
	dockerd --data-root "$T/docker" --exec-root "$T/dx" -H "unix://$T/d.sock" --bridge none --iptables=false >"$T/dockerd.log" 2>&1 & DPID=$!
	# Not exported: minictr itself would go where DOCKER_HOST says.
	DOCKER="env DOCKER_HOST=unix://$T/d.sock $DOCKER" KIT="env DOCKER_HOST=unix://$T/d.sock $KIT"
	for i in $(seq 100); do $DOCKER version >/dev/null 2>&1 && break; sleep 0.1; done
	if $DOCKER load -q -i "$T/base.docker" >/dev/null 2>&1 && kit "$T/two"; then engines="$engines kit"; else echo "# BuildKit left out: $(cat "$T/log" "$T/dockerd.log" | tail -n 1)"; fi
fi
# measure LABEL PREPARE COMMAND...: median over N runs, PREPARE is not counted
measure() {
	label=$1 prepare=$2; shift 2; : >"$T/times"
	for i in $(seq "$N"); do
		eval "$prepare"; begin=$(date +%s%N)
		"$@" || { printf '%-10s %-28s failed: %s\n' "$engine" "$label" "$(tail -1 "$T/log")"; return; }
		echo $((($(date +%s%N) - begin) / 10000)) >>"$T/times"
	done
	sort -n "$T/times" | awk -v l="$label" -v e="$engine" '{v[NR] = $1} END {printf "%-10s %-28s median %8.1f  min %8.1f  max %8.1f ms\n", e, l, v[int((NR + 1) / 2)] / 100, v[1] / 100, v[NR] / 100}'
}
for engine in $engines; do
	measure "10 steps, cold" : $engine --no-cache "$T/ten"
	$engine "$T/ten"; measure "10 steps, cached" : $engine "$T/ten"
	measure "one changed file at the end" 'echo $RANDOM$RANDOM >"$T/ten/b"' $engine "$T/ten"
	measure "two independent stages, cold" : $engine --no-cache "$T/two"
	measure "$SMALL small files, cold" : $engine --no-cache "$T/small"
	measure "$SMALL small files, cached" : $engine "$T/small"
done
rm -rf "$MINICTR_ROOT/build/stat"; engine=ours; N=1; measure "10 steps, cached, no stat cache" : ours "$T/ten"
