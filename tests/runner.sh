#!/bin/sh
# runner.sh - runs unit programs and behaviour scripts, reads their TAP, ends with `N passed, N failed, N skipped`.
#
#   tests/runner.sh [--bin DIR] [--unit DIR] [PATTERN ...]     PATTERN: part of a test's file name
#
# Each script runs in namespaces of its own (isolate.sh), JOBS at a time (default: two more than processors, for many only wait; at most 6), and is asked
# afterwards what it left: mounts, links, processes; at the end of all, cgroups. A leftover is a failed test named after the
# script. One script may take LIMIT seconds (default 1500). Long ones begin first, so that no lane waits for them at the end.
set -u
cd "$(dirname "$0")/.." || exit 2
BIN=${BIN:-build/bin} UNIT=build/test LIMIT=${LIMIT:-1500} one=""
while [ $# -gt 0 ]; do case $1 in --bin) BIN=$2; shift 2 ;; --unit) UNIT=$2; shift 2 ;; --one) one=$2; shift 2 ;; *) break ;; esac; done
export BIN LIMIT
if [ -z "$one" ]; then
	RUNNER_OUT=$(mktemp -d) || exit 2
	export RUNNER_OUT
	trap 'rm -rf "$RUNNER_OUT"' EXIT
fi
out=$RUNNER_OUT
# A script of its own process (--one) works in a folder of its own, and adds its line to all/totals.
all=$out
[ -z "$one" ] || { out=$RUNNER_OUT/$(basename "$one" .sh); mkdir -p "$out"; }

wanted() { [ $# -gt 1 ] || return 0; name=$1; shift; for p in "$@"; do case $name in *"$p"*) return 0 ;; esac; done; return 1; }
count() {  # FILE NAME STATUS: adds one test's TAP to the totals
	ok=$(grep -c '^ok ' "$1"); no=$(grep -c '^not ok ' "$1"); sk=$(grep -Ec '^ok .*# SKIP|^1\.\.0 # SKIP' "$1")
	so=$(grep -Ec '^ok .*# SKIP' "$1"); ok=$((ok - so))
	plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$1" | head -1)
	why=""
	if [ "$3" != 0 ] && [ "$no" = 0 ]; then no=1; why="ended with status $3"; [ "$3" = 124 ] && why="took longer than $LIMIT s"; fi
	if [ "$no" = 0 ] && [ "$plan" != 0 ] && [ "$((ok + so))" != "${plan:-x}" ]; then no=1; why="planned ${plan:-nothing}, ran $((ok + so))"; fi
	echo "$ok $no $sk $2" >>"$all/totals"
	if [ "$no" -gt 0 ]; then
		printf '  FAIL %-40s %s ok, %s failed %s\n' "$2" "$ok" "$no" "${why:+($why)}"
		grep -A8 '^not ok' "$1" | grep -v '^ok ' | head -60 | sed 's/^/       /'
		[ -z "$why" ] || tail -15 "$1" | sed 's/^/       | /'
	else
		printf '  ok   %-40s %s ok%s%s\n' "$2" "$ok" "${took:+ ($took s)}" "$([ "$sk" = 0 ] || echo ", $sk skipped: $(sed -n 's/.*# SKIP *//p' "$1" | sort -u | head -3 | paste -sd';')")"
	fi
}
# Cgroups of ours that hold nobody. Other runs have some too: only what is new and does not go away within seconds counts.
groups() {
	find /sys/fs/cgroup -maxdepth 4 -type d -name 'minictr-*' 2>/dev/null | sort | while read -r g; do
		[ -n "$(find "$g" -name cgroup.procs -exec cat {} + 2>/dev/null)" ] || echo "cgroup $g"
	done
}
# One script in namespaces of its own (root) or as it is (an ordinary user).
run() {  # NAME SCRIPT
	own="" took=""; [ "$(id -u)" != 0 ] || own="unshare --mount --pid --net --fork --kill-child --mount-proc"
	: >"$out/left"; groups >"$out/groups"; begin=$(date +%s)
	if [ -n "$own" ]; then
		timeout -k 10 "$LIMIT" $own sh tests/isolate.sh "$2" "$out/left" >"$out/tap" 2>&1 </dev/null; rc=$?
	else
		timeout -k 10 "$LIMIT" sh "$2" >"$out/tap" 2>&1 </dev/null; rc=$?
	fi
	if ! grep -q '^1\.\.' "$out/tap" && [ $rc = 0 ]; then echo "# no plan" >>"$out/tap"; rc=99; fi
	# Scripts beside this one have cgroups too: what is new is only suspected, and looked at again when all have ended.
	groups | comm -13 "$out/groups" - | sed "s,\$, $1," >>"$all/suspects"
	{
		flock 9
		took=$(($(date +%s) - begin)); [ $took -ge 10 ] || took=""
		count "$out/tap" "$1" $rc
		[ ! -s "$out/left" ] || { printf 'not ok 1 - left behind: %s\n1..1\n' "$(sort "$out/left" | uniq -c | head -12 | paste -sd';')" >"$out/tap"; count "$out/tap" "$1 (host)" 0; }
	} 9>>"$all/lock"
}

if [ -n "$one" ]; then run "$(basename "$one" .sh)" "$one"; exit 0; fi
: >"$out/totals"; : >"$out/suspects"
for t in "$UNIT"/test_*; do
	[ -x "$t" ] && [ ! -d "$t" ] || continue
	wanted "$(basename "$t")" "$@" || continue
	CK_TAP_LOG_FILE_NAME=$out/unit.tap CK_VERBOSITY=silent timeout -k 10 "$LIMIT" "$t" >"$out/log" 2>&1 </dev/null; rc=$?
	[ -s "$out/unit.tap" ] && cp "$out/unit.tap" "$out/tap" || { cp "$out/log" "$out/tap"; rc=${rc:-1}; [ "$rc" != 0 ] || rc=98; }
	cat "$out/log" | sed 's/^/# /' >>"$out/tap"; rm -f "$out/unit.tap"
	count "$out/tap" "unit/$(basename "$t")" $rc
done
# Those that call the OCI runtime by itself name their containers alike, and its cgroups have the names of containers: they
# run one after the other, in the first lane. The rest is one list, longest first, from which each free lane takes the next.
long="62-lab-prove 83-build 59-cli-ways 35-registry-conformance 46-engine 42-engine 72-exercises 70-course 9"
weight() { n=0; for l in $long; do n=$((n + 1)); case $1 in $l*) echo $n; return ;; esac; done; echo 99; }
: >"$out/first"
for t in tests/run/[0-9]*.sh; do
	[ -f "$t" ] || continue
	wanted "$(basename "$t")" "$@" || continue
	if grep -Eq 'oci\.sh|\boci (create|run|exec|start|--)' "$t"; then echo "$t" >>"$out/first"; else echo "$(weight "$(basename "$t")") $t"; fi
done | sort -s -n -k1,1 | cut -d' ' -f2 >"$out/queue"
take() { { flock 8; head -1 "$out/queue"; sed -i 1d "$out/queue"; } 8>>"$out/queue.lock"; }
lane() { while t=$(take) && [ -n "$t" ]; do sh tests/runner.sh --unit "$UNIT" --one "$t"; done; }
jobs=${JOBS:-$(($(nproc) + 2))}; [ "$jobs" -le 6 ] || jobs=6
# Lanes in the background do not hear Ctrl-C: an empty list ends them behind the script that they are at.
trap 'echo "interrupted: waiting for the scripts that run now" >&2; : >"$out/queue"; : >"$out/first"; wait; exit 130' INT TERM
while [ "$jobs" -gt 1 ]; do lane & jobs=$((jobs - 1)); done
while read -r t; do sh tests/runner.sh --unit "$UNIT" --one "$t" </dev/null; done <"$out/first"
lane
wait
sleep 1; groups >"$out/groups"
while read -r kind group name; do
	grep -qxF "$kind $group" "$out/groups" || continue
	printf 'not ok 1 - left behind: %s\n1..1\n' "$kind $group" >"$out/tap"; count "$out/tap" "$name (host)" 0
	grep -vxF "$kind $group" "$out/groups" >"$out/rest"; mv "$out/rest" "$out/groups"
done <"$out/suspects"
awk '$2 {f = f " " $4} {p += $1; n += $2; s += $3} END {
	if (f) print "failed:" f "   (one alone: tests/runner.sh NAME)"
	printf "%d passed, %d failed, %d skipped\n", p, n, s; exit n > 0}' "$out/totals"
