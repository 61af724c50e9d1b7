#!/bin/sh
# runner.sh - runs unit programs and behaviour scripts, reads their TAP, ends with `N passed, N failed, N skipped`.
#
#   tests/runner.sh [--bin DIR] [--unit DIR] [PATTERN ...]     PATTERN: part of a test's file name
#
# Each script runs in namespaces of its own (isolate.sh) and is asked afterwards what it left: mounts, cgroups, links,
# processes. A leftover is a failed test named after the script. One script may take LIMIT seconds (default 900).
set -u
cd "$(dirname "$0")/.." || exit 2
BIN=build/bin UNIT=build/test LIMIT=${LIMIT:-900}
while [ $# -gt 0 ]; do case $1 in --bin) BIN=$2; shift 2 ;; --unit) UNIT=$2; shift 2 ;; *) break ;; esac; done
export BIN
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 skipped=0 failures=""

wanted() { [ $# -gt 1 ] || return 0; name=$1; shift; for p in "$@"; do case $name in *"$p"*) return 0 ;; esac; done; return 1; }
count() {  # FILE NAME STATUS: adds one test's TAP to the totals
	ok=$(grep -c '^ok ' "$1"); no=$(grep -c '^not ok ' "$1"); sk=$(grep -Ec '^ok .*# SKIP|^1\.\.0 # SKIP' "$1")
	so=$(grep -Ec '^ok .*# SKIP' "$1"); ok=$((ok - so))
	plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$1" | head -1)
	why=""
	if [ "$3" != 0 ] && [ "$no" = 0 ]; then no=1; why="ended with status $3"; [ "$3" = 124 ] && why="took longer than $LIMIT s"; fi
	if [ "$no" = 0 ] && [ "$plan" != 0 ] && [ "$((ok + so))" != "${plan:-x}" ]; then no=1; why="planned ${plan:-nothing}, ran $((ok + so))"; fi
	passed=$((passed + ok)); failed=$((failed + no)); skipped=$((skipped + sk))
	if [ "$no" -gt 0 ]; then
		failures="$failures $2"
		printf '  FAIL %-40s %s ok, %s failed %s\n' "$2" "$ok" "$no" "${why:+($why)}"
		grep -A8 '^not ok' "$1" | grep -v '^ok ' | head -60 | sed 's/^/       /'
		[ -z "$why" ] || tail -15 "$1" | sed 's/^/       | /'
	else
		printf '  ok   %-40s %s ok%s\n' "$2" "$ok" "$([ "$sk" = 0 ] || echo ", $sk skipped: $(sed -n 's/.*# SKIP *//p' "$1" | sort -u | head -3 | paste -sd';')")"
	fi
}
# Cgroups of ours that hold nobody. Other runs have some too: only what is new and does not go away within seconds counts.
groups() {
	find /sys/fs/cgroup -maxdepth 4 -type d -name 'minictr-*' 2>/dev/null | sort | while read -r g; do
		[ -n "$(find "$g" -name cgroup.procs -exec cat {} + 2>/dev/null)" ] || echo "cgroup $g"
	done
}
left_groups() {
	for wait in 0 1 2; do
		sleep $wait
		groups | comm -13 "$out/groups" - >"$out/new"
		[ -s "$out/new" ] || return 0
		[ -f "$out/still" ] && comm -12 "$out/still" "$out/new" >"$out/both" && mv "$out/both" "$out/new"
		mv "$out/new" "$out/still"
	done
	cat "$out/still"
}
# One script in namespaces of its own (root) or as it is (an ordinary user).
run() {  # NAME SCRIPT
	own=""; [ "$(id -u)" != 0 ] || own="unshare --mount --pid --net --fork --kill-child --mount-proc"
	: >"$out/left"; rm -f "$out/still"; groups >"$out/groups"
	if [ -n "$own" ]; then
		timeout -k 10 "$LIMIT" $own sh tests/isolate.sh "$2" "$out/left" >"$out/tap" 2>&1 </dev/null; rc=$?
	else
		timeout -k 10 "$LIMIT" sh "$2" >"$out/tap" 2>&1 </dev/null; rc=$?
	fi
	if ! grep -q '^1\.\.' "$out/tap" && [ $rc = 0 ]; then echo "# no plan" >>"$out/tap"; rc=99; fi
	count "$out/tap" "$1" $rc
	left_groups >>"$out/left"
	[ ! -s "$out/left" ] || { printf 'not ok 1 - left behind: %s\n1..1\n' "$(sort "$out/left" | uniq -c | head -12 | paste -sd';')" >"$out/tap"; count "$out/tap" "$1 (host)" 0; }
}

for t in "$UNIT"/test_*; do
	[ -x "$t" ] && [ ! -d "$t" ] || continue
	wanted "$(basename "$t")" "$@" || continue
	CK_TAP_LOG_FILE_NAME=$out/unit.tap CK_VERBOSITY=silent timeout -k 10 "$LIMIT" "$t" >"$out/log" 2>&1 </dev/null; rc=$?
	[ -s "$out/unit.tap" ] && cp "$out/unit.tap" "$out/tap" || { cp "$out/log" "$out/tap"; rc=${rc:-1}; [ "$rc" != 0 ] || rc=98; }
	cat "$out/log" | sed 's/^/# /' >>"$out/tap"; rm -f "$out/unit.tap"
	count "$out/tap" "unit/$(basename "$t")" $rc
done
for t in tests/run/[0-9]*.sh; do
	[ -f "$t" ] || continue
	wanted "$(basename "$t")" "$@" || continue
	run "$(basename "$t" .sh)" "$t"
done
[ -z "$failures" ] || echo "failed:$failures   (one alone: tests/runner.sh NAME)"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
