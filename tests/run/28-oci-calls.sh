#!/bin/sh
# 28-oci-calls.sh - the road of a start stays short: `minictr-oci run` of the bundle that `spec` writes makes at most 600 system
# calls, from the command to the end of the container. A count, no time: a busy machine does not change it. With cgroup v1 a start
# makes about 17 calls per tree: more than nine trees may have as many more. The parent cgroup stays, as a manager's does (`spec`
# names none: ours is made and removed again, 13 calls more). `make bench B=calls.sh` shows this figure and others.
. "$(dirname "$0")/lib.sh"
. "$HERE/tests/run/bundle.sh"
needs strace || skip_all "needs strace"
[ -z "${ASAN_OPTIONS:-}" ] || skip_all "the sanitizer makes system calls of its own"
plan 3
above=/calls-$(basename "$T")
cleanup() { find /sys/fs/cgroup -depth -type d -path "*$above*" -exec rmdir {} \; 2>/dev/null; }
trees=$(awk '$(NF-2) == "cgroup" {n++} END {print n + 0}' /proc/self/mountinfo)
most=$((600 + (trees > 9 ? (trees - 9) * 17 : 0)))
bundle "$T/b" ".process.args=[\"/bin/true\"] | .root.path=\"$T/rootfs\" | .linux.cgroupsPath=\"$above/b\""
oci run -b "$T/b" first >/dev/null 2>&1 </dev/null # makes the parent cgroup
exits 0 "a plain bundle runs under strace" strace -f -c -o "$T/calls" "$BIN/minictr-oci" --root "$T/oci" run -b "$T/b" counted
calls=$(awk '/ total$/ {print $4}' "$T/calls")
check "the child's calls are counted, too" "$(grep -Ec ' (clone3|open_tree|pivot_root|execve)$' "$T/calls")" = 4
check "at most $most system calls ($trees trees of cgroup v1)" "${calls:-999999}" -le "$most"
