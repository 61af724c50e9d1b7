#!/bin/sh
# isolate.sh SCRIPT LEFT - runs one behaviour test in mount, pid and network namespaces of its own, so that two runs at once do not
# disturb each other, and writes to LEFT what the test did not take away: mounts, links, processes, run folders. (Cgroups
# are seen from outside only: runner.sh.) Started under unshare(1); what is left is gone with the namespaces all the same.
script=$1 left=$2
ip link set lo up 2>/dev/null
mkdir -p /run/minictr && mount -t tmpfs -o mode=755 run /run/minictr
seen() {
	awk '{print "mount " $5}' /proc/self/mountinfo
	ip -o link 2>/dev/null | awk -F': ' '{print "link " $2}'
	find /run/minictr -mindepth 3 -not -type d -not -path '*/.seccomp/*' 2>/dev/null | sed 's/^/run file /'
}
seen | sort >"$left.before"
sh "$script"; rc=$?
for wait in 0.2 0.5 1 2; do
	: >"$left"
	seen | sort | comm -13 "$left.before" - >>"$left"
	for p in /proc/[0-9]*; do
		pid=${p#/proc/}
		case $pid in 1|$$) continue ;; esac
		c=$(tr '\0' ' ' 2>/dev/null <"$p/cmdline") || continue
		[ -n "$c" ] || continue
		parent=$(awk '/^PPid:/ {print $2}' "$p/status" 2>/dev/null)
		[ "$parent" = $$ ] && case $c in *isolate.sh*|tr*|awk*) continue ;; esac
		echo "process $c" >>"$left"
	done
	[ -s "$left" ] || break
	sleep $wait
done
exit $rc
