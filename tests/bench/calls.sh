#!/bin/bash
# What a command costs in figures that a busy machine does not change: system calls (strace) of a start, an exec, a list and a
# pull, and instructions (callgrind) where valgrind can follow: it knows neither clone3(2) nor open_tree(2), so not into a start.
# Beside each figure stands the kept one of calls.txt; UPDATE=1 writes that file anew. The number of cgroup trees counts: with
# version 1 a start makes about 17 calls per tree.
. "$(dirname "$0")/common.sh"
kept=$HERE/calls.txt
trees=$(awk '$(NF-2) == "cgroup" {n++} END {print n ? n " trees of cgroup v1" : "cgroup v2"}' /proc/self/mountinfo)
machine; echo "# $trees; kept: $(sed -n 's/^# //p' "$kept" 2>/dev/null)"
new=$T/calls.txt; echo "# $trees" >"$new"
printf '%-36s %12s %8s   %12s %8s\n' command syscalls kept instructions kept
# figure NAME COMMAND...: one line; INSTRUCTIONS=1 counts these, too. The second run is counted: the first one fills caches.
figure() {
	local name=$1 calls work=- old oldwork; shift
	"$@" >/dev/null 2>&1; ${BETWEEN:-true} >/dev/null 2>&1
	strace -f -c -o "$T/st" "$@" >/dev/null 2>"$T/err" || { echo "$name: failed: $(tail -1 "$T/err")"; return 1; }
	calls=$(awk '/ total$/ {print $4}' "$T/st")
	if [ -n "${INSTRUCTIONS:-}" ] && command -v valgrind >/dev/null; then
		${BETWEEN:-true} >/dev/null 2>&1
		valgrind --tool=callgrind --trace-children=yes --callgrind-out-file="$T/cg.%p" "$@" >/dev/null 2>"$T/err"
		work=$(awk '/^summary:/ {n += $2} END {print n}' "$T"/cg.*); rm -f "$T"/cg.*
	fi
	printf '%s\t%s\t%s\n' "$name" "$calls" "$work" >>"$new"
	IFS=$'\t' read -r _ old oldwork <<<"$(grep "^$name	" "$kept" 2>/dev/null)"
	printf '%-36s %12s %8s   %12s %8s\n' "$name" "$calls" "${old:-new}" "$work" "${oldwork:--}"
}
mk_rootfs "$T/rootfs"; mkdir -p "$T/b"
(cd "$T/b" && "$BIN/minictr-oci" spec && jq --arg r "$T/rootfs" --arg cg "/$BENCH_CG/b" \
	'.process.terminal=false|.process.args=["/bin/true"]|.root.path=$r|.linux.cgroupsPath=$cg' config.json >c && mv c config.json)
oci="$BIN/minictr-oci --root /run/m"
figure "minictr-oci run" $oci run -b "$T/b" t
jq '.process.args=["/bin/sleep","1000"]' "$T/b/config.json" >"$T/c" && cp "$T/c" "$T/b/config.json"
$oci run -d -b "$T/b" u </dev/null >/dev/null 2>&1
figure "minictr-oci exec" $oci exec u /bin/true
INSTRUCTIONS=1 figure "minictr-oci state" $oci state u
$oci delete --force u
setup_mc "$T/rootfs"
figure "minictr run --rm --network none" "$BIN/minictr" run --rm --network none bb /bin/true
mc run -d --name sleeper --network none bb /bin/sleep 1000 >/dev/null
figure "minictr exec" "$BIN/minictr" exec sleeper /bin/true
INSTRUCTIONS=1 figure "minictr ps" "$BIN/minictr" ps
INSTRUCTIONS=1 figure "minictr images" "$BIN/minictr" images
mc rm -f sleeper >/dev/null
# another root serves the image, so that this one can forget it
MINICTR_ROOT=$T/reg mc import "$T/bb.tar" bb >/dev/null
MINICTR_ROOT=$T/reg mc registry serve --addr 127.0.0.1:$PORT -q >/dev/null 2>&1 & server=$!
for i in $(seq 50); do curl -fs "127.0.0.1:$PORT/v2/" >/dev/null && break; sleep .1; done
forget() { mc rmi -f 127.0.0.1:$PORT/bb bb; mc image prune -af; }
forget >/dev/null 2>&1
INSTRUCTIONS=1 BETWEEN=forget figure "minictr pull" "$BIN/minictr" pull -q 127.0.0.1:$PORT/bb
kill $server
[ -z "${UPDATE:-}" ] || cp "$new" "$kept"
