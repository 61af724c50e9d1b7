#!/bin/sh
# 48-poor-machine.sh - a machine that lacks things: cgroup v1 only, user namespaces switched off, a kernel without overlay.
# What works still works; what does not is one sentence with the way out, and the labs say `env`, never FAIL.
# Runs in a test machine booted for it (tests/vm/run.sh), whose changes vanish with it.
. "$(dirname "$0")/lib.sh"
[ "${IN_VM:-}" = poor ] || skip_all "only in a test machine of its own: sh tests/vm/run.sh"
plan 22
chmod 755 "$T"; mkdir "$T/bin"; cp "$BIN"/* "$T/bin/"; chmod -R a+rX "$T/bin"
# u SCRIPT: as a person without privileges, with an engine root of their own
u() { runuser -l user -c "PATH=$T/bin:\$PATH; cd; $1" </dev/null 2>&1; }
once() { printf '%s\n' "$1" | grep -c "$2"; }
mc internal starter >/dev/null 2>&1; u "minictr internal starter" >/dev/null

# --- cgroup v1 only ---
check "info says which version" "$(mc info | grep -c '^ *Cgroup Version: 1')" = 1
check "limits of a run" "$(mc run --rm --network none -m 32m --pids-limit 20 --cpus 0.5 busybox sh -c 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us' | paste -sd' ')" = "33554432 20 50000"
mc run --name oom --network none -m 16m --memory-swap 16m busybox sh -c 'head -c 60m /dev/zero | tail' >/dev/null 2>&1
check "out of memory is told" "$(mc inspect -f '{{.State.OOMKilled}}' oom)" = true
mc run -d --name paused --network none busybox sleep 100 >/dev/null; mc pause paused >/dev/null
check "pause" "$(cat "/sys/fs/cgroup/freezer$(sed -n 's/^[0-9]*:freezer://p' "/proc/$(mc inspect -f '{{.State.Pid}}' paused)/cgroup")/freezer.state")" = FROZEN
mc rm -f paused oom >/dev/null
check "nothing is left" "$(find /sys/fs/cgroup -type d -name '*minictr*' | wc -l)" = 0
check "the labs can be done" "$(mc lab doctor | grep -c 'not here')" = 0

# --- user namespaces off ---
u "minictr run --rm --network none busybox true" >/dev/null
u "minictr internal rootless-stop" >/dev/null
sysctl -q -w user.max_user_namespaces=0
out=$(u 'minictr run --rm --network none busybox echo hi; echo "rc=$?"')
check "an unprivileged user's run ends with 125" "$out" "~" "rc=125"
check "... in one sentence" "$(once "$out" 'user namespaces')" -eq 1
check "... that names the switch" "$out" "~" 'user.max_user_namespaces'
check "... and nothing ran" "$out" "!~" '^hi'
check "root needs none" "$(mc run --rm --network none busybox echo up)" = up
check "root with --userns is told why" "$(mc run --rm --network none --userns auto busybox echo up 2>&1)" "~" 'user.max_user_namespaces'
check "... and leaves nothing" "$(mc ps -aq | wc -l)" = 0
doctor=$(u "minictr lab doctor")
check "doctor says it for each lab" "$(once "$doctor" 'user namespaces are off')" -eq "$(once "$doctor" '^[0-9][0-9]  ')"
check "... and nothing else that only follows from it" "$doctor" "!~" "overlay"
sysctl -q -w user.max_user_namespaces=15000

# --- no overlay ---
umount -a -t overlay; rmmod overlay 2>/dev/null; mv /lib/modules/*/kernel/fs/overlayfs /root/
exits 125 "run without overlay" mc run --rm --network none busybox true
check "... names the module" "$(cat "$T/err")" "~" 'modprobe overlay'
check "... and leaves nothing" "$(mc ps -aq | wc -l)" = 0
printf 'FROM busybox\nRUN true\n' >"$T/Dockerfile"
exits 1 "build, too" mc build -t x -f "$T/Dockerfile" "$T"
check "... names it" "$(cat "$T/err")" "~" 'modprobe overlay'
check "doctor: lab 04" "$(mc lab doctor | grep -A1 '^04')" "~" 'modprobe overlay'
check "... and lab 01 is fine" "$(mc lab doctor | grep '^01')" "~" 'ok$'
