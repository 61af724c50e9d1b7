#!/bin/sh
# 19-systemd.sh - --systemd-cgroup: without systemd a clear sentence, with it a delegated scope that goes with the container.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
[ -x "$BIN/minictr-systemd" ] || skip_all "built without libsystemd"
name=$(basename "$T")
bundle a 'c["linux"]["cgroupsPath"] = "system.slice:minictr:'"$name"'"; c["linux"]["resources"] = {"memory": {"limit": 67108864}, "pids": {"limit": 50}, "cpu": {"quota": 20000, "period": 100000}}; sh("sleep 60")'
if [ ! -d /run/systemd/system ]; then
	plan 3
	oci --systemd-cgroup create --bundle "$T/a" a </dev/null >"$T/out" 2>&1; check "without systemd create fails" "$?" -ne 0
	check "... in words" "$(cat "$T/out")" "~" "is this host run by systemd"
	check "... and leaves nothing" "$(ls "$T/oci" 2>/dev/null)" = ""
	exit 0
fi
# systemd must know our processes by the numbers that we know: not so in a pid namespace, where the runner puts its tests.
[ "$(cat /proc/1/comm)" = systemd ] || skip_all "in a pid namespace of its own: run this file by itself"
plan 10
oci --systemd-cgroup create --bundle "$T/a" a </dev/null >"$T/out" 2>&1; check "create" "$? $(cat "$T/out")" = "0 "
scope=minictr-$name.scope
check "the scope runs" "$(systemctl is-active "$scope")" = active
check "... delegated" "$(systemctl show -p Delegate --value "$scope")" = yes
check "... with the memory limit" "$(systemctl show -p MemoryMax --value "$scope")" = 67108864
check "... the tasks" "$(systemctl show -p TasksMax --value "$scope")" = 50
check "... the processor time" "$(systemctl show -p CPUQuotaPerSecUSec --value "$scope")" = 200ms
oci start a; sleep 0.5
pid=$(oci state a | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
check "the program is in it" "$(cat "/proc/$pid/cgroup")" "~" "/system.slice/$scope"
check "nobody else is" "$(oci ps --format json a)" = "[$pid]"
systemctl daemon-reload; sleep 0.5
check "a reload leaves limits alone" "$(cat "/sys/fs/cgroup/system.slice/$scope/memory.max" 2>/dev/null || systemctl show -p MemoryMax --value "$scope")" = 67108864
oci delete --force a
eventually 60 sh -c "systemctl is-active $scope | grep -Eq 'inactive|unknown'"; check "the scope goes with the container" "$(systemctl is-active "$scope")" "~" "inactive|unknown"
