#!/bin/sh
# 60-lab-box.sh - the crash box against thirteen hostile programs: the host is the same before and after.
. "$(dirname "$0")/lib.sh"
LAB=$BIN/minictr-lab
[ -x "$LAB" ] || skip_all "the lab tool is not built"
need_root
${CC:-gcc} -O1 -static -o "$T/hostile" "$HERE/tests/lab/hostile.c" 2>"$T/cc.err" || { plan 1; not_ok "hostile.c compiles" "$(cat "$T/cc.err")"; exit; }
sleep 300 & canary=$!; PIDS="$PIDS $canary"
echo canary >"$T/canary"

host() {
	cut -d' ' -f5 /proc/self/mountinfo | sort
	(cd /etc && ls -lR --time-style=full-iso . 2>/dev/null | md5sum)
	ls -l --time-style=full-iso /usr/bin | md5sum
	ls /sys/class/net
	sysctl -n kernel.core_pattern vm.overcommit_memory kernel.hostname
	ls /sys/fs/cgroup/*/ -d; find /sys/fs/cgroup -maxdepth 4 -name "minictr-lab-*-$$-*" 2>/dev/null
	cat "$T/canary"; kill -0 $canary && echo alive
}
box() { "$LAB" box "$@" >"$T/out" 2>"$T/err" </dev/null; rc=$?; }
hostile() { prog=$1; shift; box --copy "$T/hostile" "$@" /work/hostile "$prog"; }

plan 38
host before >"$T/before"
box /usr/bin/true;                   check "a plain program ends with 0" $rc -eq 0
box /bin/sh -c 'exit 41';            check "the exit status is the program's" $rc -eq 41
box /bin/sh -c 'kill -9 $$';         check "a death by signal is 128+9" $rc -eq 137
box /bin/sh -c '[ ! -e /home ] && [ ! -e /boot ] && [ -z "$(ls -A /root)" ] && [ ! -e /var/lib ]'; check "nothing of the host's homes is in sight" $rc -eq 0
box /bin/cat /proc/self/uid_map; check "root of the box is nobody's id on the host" "$(head -1 "$T/out" | tr -s " ")" "~" "^ 0 1[5-9][0-9]{8} 65536|^ 0 20[0-9]{8} 65536"
# An installed engine is the answer to every task. Planted in a mount namespace of this test's own.
out=$(unshare -m sh -c 'mount -t tmpfs t /usr/local && mkdir -p /usr/local/bin /usr/local/libexec/minictr && cp /bin/true /usr/local/bin/minictr &&
	cp /bin/true /usr/local/libexec/minictr/x && exec "$0" box /bin/sh -c "ls /usr/local/libexec/minictr; /usr/local/bin/minictr || echo refused"' "$LAB" 2>/dev/null)
check "an engine that is installed cannot be started" "$out" "~" '^refused'
box --ms 500 /bin/sleep 60;          check "the time limit kills" "$(tail -1 "$T/out")" "~" "status 137, time is up"
box /bin/sh -c 'ls -l /proc/self/fd | tail -n +2 | wc -l'; check "no descriptor of the grader is open inside" "$(head -1 "$T/out")" -eq 4

hostile fork-bomb --ms 700;   check "fork bomb: stopped at the time limit" "$(tail -1 "$T/out")" "~" "time is up"
hostile kill-all;             check "kill everything: only the box is there to kill" $rc -eq 0
hostile unmount-all;          check "unmount everything: locked mounts stay" "$(cat "$T/out")" "~" "root status 0"
hostile mount-over;           check "mounting over /etc and /usr stays inside" $rc -eq 0
hostile memory-hogs --ms 4000; check "memory hogs die of the limit" $rc -eq 137
hostile fill-disks;           check "full disks: only the box's own" "$(cat "$T/out")" "~" "root status (0|137)"
hostile survivor;             check "a survivor is seen and dies with the box" "$(tail -1 "$T/out")" "~" "[12] left in the box"
hostile spoil-tree;           check "unlink, chmod, chown and settings are refused" "$(cat "$T/out")" "~" "root status 0"
hostile remount;              check "five ways to remount are refused" "$(cat "$T/out")" "~" "root status 0"
hostile forge-verdict;        check "no descriptor takes a forged verdict" "$(cat "$T/out")" "~" "root status 0"
hostile forge-status;         check "a forged status of init is not believed" $rc "!~" '^0$'
hostile endless-output;       check "endless output is cut" "$(wc -c <"$T/out")" -lt 70000
check "and its program killed" $rc -eq 137
hostile many-cgroups --ms 8000; check "three thousand cgroups are removed, limits not raised" "$(cat "$T/out")" "~" "root status 0"

host after >"$T/after"
check "the host is the same as before" "$(diff "$T/before" "$T/after")" = ""
# Interrupted in the middle: the box dies with the tool, and the next run sweeps its cgroups.
"$LAB" box --ms 60000 /bin/sleep 3333 >/dev/null 2>&1 & pid=$!
eventually 5 pgrep -f "^/bin/sleep 3333$"
kill -9 $pid; wait $pid 2>/dev/null
ns=$(printf %x "$(stat -Lc %i /proc/self/ns/pid)")
box /usr/bin/true
check "a killed grader leaves no box behind" "$(eventually 3 sh -c '! pgrep -f "^/bin/sleep 3333$"' && find /sys/fs/cgroup -maxdepth 4 -type d -name "minictr-lab-$ns-$pid-*" 2>/dev/null)" = ""

# Frozen by its own root: thawed, killed, removed (v1 and v2).
freeze='for d in /sys/fs/cgroup/freezer /sys/fs/cgroup; do [ -e $d/cgroup.procs ] && mkdir $d/ice 2>/dev/null || continue
	for p in 1 $$; do echo $p >$d/ice/cgroup.procs 2>/dev/null; done
	[ -e $d/ice/freezer.state ] && echo FROZEN >$d/ice/freezer.state; [ -e $d/ice/cgroup.freeze ] && echo 1 >$d/ice/cgroup.freeze; done; sleep 60'
"$LAB" box --ms 700 /bin/sh -c "$freeze" >"$T/out" 2>"$T/err" </dev/null & frozen=$!; PIDS="$PIDS $frozen"; wait $frozen
check "a box that froze itself ends and is removed" "$(find /sys/fs/cgroup -maxdepth 4 -type d -name "minictr-lab-$ns-$frozen-*" 2>/dev/null; cat "$T/out")" "~" "^root status 137, time is up"
"$LAB" box --ms 60000 /bin/sh -c "$freeze" >/dev/null 2>&1 </dev/null & frozen=$!; PIDS="$PIDS $frozen"
eventually 5 sh -c "cat /sys/fs/cgroup/freezer/minictr-lab-$ns-$frozen-1/box/ice/freezer.state /sys/fs/cgroup/minictr-lab-$ns-$frozen-1/box/ice/cgroup.freeze 2>/dev/null | grep -q 'FROZEN\\|1'"
kill -9 $frozen; wait $frozen 2>/dev/null
box /usr/bin/true
check "frozen, and its grader killed: the next command sweeps it" "$(find /sys/fs/cgroup -maxdepth 4 -type d -name "minictr-lab-$ns-$frozen-*" 2>/dev/null)" = ""

# A loop that makes one cgroup in the other: deeper than any path can say.
deep='n=$(head -c 200 /dev/zero | tr "\\0" d); for t in /sys/fs/cgroup/ /sys/fs/cgroup/*/; do cd -P $t || continue; i=0
	while [ $i -lt 40 ] && mkdir $n 2>/dev/null && cd -P $n; do i=$((i+1)); done; done; :'
"$LAB" box /bin/sh -c "$deep" >"$T/out" 2>"$T/err" </dev/null & made=$!; wait $made
check "cgroups nested deeper than a path is long are removed" "$(find /sys/fs/cgroup -maxdepth 4 -type d -name "minictr-lab-$ns-$made-*" 2>/dev/null; cat "$T/out")" "~" "^root status 0, 0 left"

# An ordinary user: one id, no cgroup, the same walls.
chmod 755 "$T"; mkdir -p "$T/bin" "$T/top/labs" "$T/top/minictr"
cp "$BIN/minictr-lab" "$BIN/minictr-probe" "$T/bin/"; chmod 755 "$T/hostile"
user() { MINICTR_TOP=$T/top setpriv --reuid 4242 --regid 4242 --clear-groups "$T/bin/minictr-lab" box "$@" >"$T/out" 2>"$T/err" </dev/null; rc=$?; }
user /bin/true
if [ $rc = 77 ]; then for i in 1 2 3 4 5 6 7 8 9 10 11; do skip "an ordinary user's box" "$(cat "$T/err")"; done; exit; fi
check "an ordinary user has a box too" $rc -eq 0
user --copy "$T/hostile" /work/hostile kill-all;     check "kill everything: only the box is there to kill" $rc -eq 0
user --copy "$T/hostile" /work/hostile forge-status; check "a forged status of init is not believed" $rc "!=" 0
user --copy "$T/hostile" /work/hostile forge-verdict; check "no descriptor takes a forged verdict" $rc -eq 0
user --copy "$T/hostile" /work/hostile remount;      check "remounts are refused" "$(cat "$T/out")" "~" "user status 0"
user --copy "$T/hostile" /work/hostile survivor;     check "a survivor dies with the box" "$(tail -1 "$T/out")" "~" "[12] left in the box"
user /bin/sh -c 'for d in /etc /usr /usr/bin; do touch $d/x 2>/dev/null && echo $d; done; :'; check "nothing of the host is writable" "$(head -1 "$T/out")" "~" "^user status 0"
user /bin/sh -c 'i=0; while [ $i -lt 300 ]; do sleep 2 & i=$((i+1)); done; echo all'; check "300 processes are more than it may have" "$(cat "$T/out")" "!~" "^all"
user /lab/probe memory 600000000; check "and so are 600 MB of memory" "$(tail -1 "$T/out")" "~" "user status 12"
user /bin/sh -c 'umount /proc 2>/dev/null; ls /proc | grep -c "^[0-9]"'; check "below its /proc there are no processes of the host" "$(head -1 "$T/out")" = 0
# A chapter's program that wants more than such a box has: the reason stands before its error.
mkdir -p "$T/top/tutorial/code" "$T/top/minictr/runtime" "$T/top/build"; chown 4242 "$T/top/build"
cp -r "$HERE/labs/03-cgroups" "$T/top/labs/"; cp "$HERE/minictr/runtime/cgroup.c" "$T/top/minictr/runtime/"
cp "$HERE"/tutorial/code/03-* "$T/top/tutorial/code/"
MINICTR_TOP=$T/top setpriv --reuid 4242 --regid 4242 --clear-groups "$T/bin/minictr-lab" try 3 >"$T/out" 2>&1 </dev/null
check "what a chapter's program lacks there is said" "$(cat "$T/out")" "~" "^env: .* needs a cgroup"
