#!/bin/sh
# runner.sh - runs unit programs and behaviour scripts, reads their TAP, ends with `N passed, N failed, N skipped`.
#
#   tests/runner.sh [--bin DIR] [--unit DIR] [PATTERN ...]     PATTERN: part of a test's file name
#
# After each script the host is compared with before it: mounts, cgroups, links, processes of ours. A leftover
# is a failed test of its own, named after the script. One test may take LIMIT seconds (default 300).
set -u
cd "$(dirname "$0")/.." || exit 2
BIN=build/bin UNIT=build/test LIMIT=${LIMIT:-300}
while [ $# -gt 0 ]; do case $1 in --bin) BIN=$2; shift 2 ;; --unit) UNIT=$2; shift 2 ;; *) break ;; esac; done
export BIN
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 skipped=0 failures=""

wanted() { [ $# -gt 1 ] || return 0; name=$1; shift; for p in "$@"; do case $name in *"$p"*) return 0 ;; esac; done; return 1; }
# What a test must leave as it was. Names of ours only: other users of the machine come and go.
snapshot() {
	grep -E 'minictr|/oci/' /proc/self/mountinfo | awk '{print "mount " $5}'
	find /sys/fs/cgroup -maxdepth 4 -type d -name 'minictr-*' 2>/dev/null | sed 's/^/cgroup /'
	ls /sys/class/net | sed 's/^/link /'
	for p in /proc/[0-9]*; do
		c=$(tr '\0' ' ' <"$p/cmdline" 2>/dev/null) && case $c in *minictr-monitor*|*minictr-oci*|*minictr-registry*) echo "process $c" ;; esac
	done
	ls -d /run/minictr/* 2>/dev/null | sed 's/^/run folder /'
}
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
run() {  # NAME COMMAND...
	name=$1; shift
	snapshot | sort >"$out/before"
	timeout -k 10 "$LIMIT" "$@" >"$out/tap" 2>&1 </dev/null; rc=$?
	if ! grep -q '^1\.\.' "$out/tap" && [ $rc = 0 ]; then echo "1..0 # SKIP printed no plan" >>"$out/tap"; rc=99; fi
	count "$out/tap" "$name" $rc
	snapshot | sort >"$out/after"
	left=$(comm -13 "$out/before" "$out/after")
	if [ -n "$left" ]; then sleep 1; snapshot | sort >"$out/after"; left=$(comm -13 "$out/before" "$out/after"); fi
	[ -z "$left" ] || { printf 'not ok 1 - left on the host: %s\n1..1\n' "$(echo "$left" | paste -sd';')" >"$out/tap"; count "$out/tap" "$name (host)" 0; }
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
	run "$(basename "$t" .sh)" sh "$t"
done
[ -z "$failures" ] || echo "failed:$failures   (one alone: tests/runner.sh NAME)"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
