#!/bin/sh
# 15-cgroup.sh - linux.resources on this machine's kernel: limits, their effect, update, freeze, figures, removal.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
[ -f /sys/fs/cgroup/cgroup.controllers ] && V2=1 || V2=
v() { [ -n "$V2" ] && echo "$2" || echo "$1"; }  # v1 name or v2 name
limit() { cat "$(cgroup_dir "$1" "$2")/$(v "$3" "$4")" 2>&1; }
plan 46

bundle a 'c["linux"]["resources"] = {"memory": {"limit": 33554432, "swap": 67108864, "reservation": 16777216}, "pids": {"limit": 20},
 "cpu": {"shares": 1024, "quota": 20000, "period": 50000, "cpus": "0", "mems": "0"}}; sh("sleep 30")'
oci create --bundle "$T/a" a </dev/null >"$T/a.out" 2>&1; check "create with limits" "$?" -eq 0
check "memory.limit" "$(limit memory a memory.limit_in_bytes memory.max)" = 33554432
check "memory.swap: memory and swap together" "$(limit memory a memory.memsw.limit_in_bytes memory.swap.max)" = "$(v 67108864 33554432)"
check "memory.reservation" "$(limit memory a memory.soft_limit_in_bytes memory.low)" = 16777216
check "pids.limit" "$(limit pids a pids.max pids.max)" = 20
check "cpu.shares" "$(limit cpu a cpu.shares cpu.weight)" = "$(v 1024 100)"
check "cpu.quota and period" "$(limit cpu a cpu.cfs_quota_us cpu.max)" = "$(v 20000 '20000 50000')"
check "cpuset" "$(limit cpuset a cpuset.cpus cpuset.cpus)" = 0
pid=$(oci state a | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
check "the first process is inside before start" "$(cat "$(cgroup_dir pids a)/cgroup.procs")" = "$pid"
oci start a; sleep 0.2
check "its program is inside" "$(oci ps --format json a)" "~" "$pid"
oci pause a; check "pause" "$(oci state a)" "~" '"paused"'
check "... by the kernel's word" "$(limit freezer a freezer.state cgroup.freeze)" = "$(v FROZEN 1)"
oci resume a; check "resume" "$(oci state a)" "~" '"running"'
echo '{"memory": {"limit": 134217728, "swap": 134217728}, "pids": {"limit": 33}, "cpu": {"shares": 512, "quota": 1000, "period": 1000}}' |
	oci update --resources - a; check "update by JSON on standard input" "$?" -eq 0
check "... memory grows beyond the old sum" "$(limit memory a memory.limit_in_bytes memory.max)" = 134217728
check "... pids" "$(limit pids a pids.max pids.max)" = 33
check "... period and quota both smaller" "$(limit cpu a cpu.cfs_quota_us cpu.max)" = "$(v 1000 '1000 1000')"
echo '{"cpu": {"quota": 2000}}' | oci update -r - a
check "... quota alone leaves the period alone" "$(limit cpu a cpu.cfs_quota_us cpu.max) $([ -n "$V2" ] || cat "$(cgroup_dir cpu a)/cpu.cfs_period_us")" "~" "^2000 1000"
oci update --memory-swap 201326592 a; check "... memory.swap alone" "$(limit memory a memory.memsw.limit_in_bytes memory.swap.max)" = "$(v 201326592 67108864)"
oci update --memory 268435456 a; check "... memory alone, above the sum: as much swap as before" "$(limit memory a memory.memsw.limit_in_bytes memory.swap.max)" = "$(v 335544320 67108864)"
oci update --memory 67108864 --memory-swap 67108864 --pids-limit -1 a; check "update by options" "$(limit memory a memory.limit_in_bytes memory.max) $(limit pids a pids.max pids.max)" = "67108864 max"
echo '{"memory": {"limit": 4096, "checkBeforeUpdate": true}}' | oci update -r - a 2>"$T/err"
check "checkBeforeUpdate refuses a limit below use" "$?" -ne 0
check "events --stats has the kernel's figures" "$(oci events --stats a)" "~" '"limit":67108864'
for d in cpu memory pids; do mkdir -p "$(cgroup_dir $d a)/deep/er" 2>/dev/null; done
oci delete --force a; check "delete --force removes nested cgroups and processes" "$(ls -d "$(cgroup_dir pids a)" 2>/dev/null; sed 's/.*) \(.\) .*/\1/' "/proc/$pid/stat" 2>/dev/null | grep -v Z)" = ""

bundle oom 'c["linux"]["resources"] = {"memory": {"limit": 16777216, "swap": 16777216}}; sh("tail -c 64m /dev/zero >/dev/null; echo $?; exit 5")'
check "a hog dies of its limit, not the container" "$(run oom)" = 137
bundle fork 'c["linux"]["resources"] = {"pids": {"limit": 8}}; sh("for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done; echo $i")'
run fork >/dev/null; check "a fork bomb stops at pids.limit" "$(cat "$T/fork.err")" "~" "fork|Resource"
disk=$(stat -c '%t:%T' /dev/vda /dev/sda /dev/nvme0n1 2>/dev/null | head -1); disk=${disk:-0:0}; major=$((0x${disk%:*})); minor=$((0x${disk#*:}))
bundle io 'c["linux"]["resources"] = {"blockIO": {"throttleReadBpsDevice": [{"major": '$major', "minor": '$minor', "rate": 1048576}], "throttleWriteIOPSDevice": [{"major": '$major', "minor": '$minor', "rate": 77}]}}; sh("sleep 30")'
if [ "$disk" != 0:0 ] && oci create --bundle "$T/io" io </dev/null >/dev/null 2>"$T/err"; then
	check "blockIO throttles: bytes" "$(limit blkio io blkio.throttle.read_bps_device io.max)" "~" "$major:$minor .*1048576"
	check "blockIO throttles: operations" "$(limit blkio io blkio.throttle.write_iops_device io.max)" "~" "77"
	oci delete --force io
else skip "blockIO bytes" "no disk: $(cat "$T/err" 2>/dev/null)"; skip "blockIO operations" "no disk"; fi

bundle kern 'c["linux"]["resources"] = {"memory": {"kernel": 1048576}}'
oci --log "$T/kern.log" run --bundle "$T/kern" kern </dev/null; check "memory.kernel is told and left out" "$? $(cat "$T/kern.log")" "~" "^0 .*memory.kernel is left out"
bundle type 'c["linux"]["resources"] = {"cpu": {"cpus": 0}}'
run type; check "a number where a list of processors belongs is an error" "$(cat "$T/type.err")" "~" "cpu.cpus: expected a list like"
bundle wd 'c["linux"]["resources"] = {"blockIO": {"weightDevice": [{"major": 8, "minor": 0}]}}'
run wd; check "weightDevice needs a weight" "$(cat "$T/wd.err")" "~" "weight or leafWeight is missing"
bundle rd 'c["linux"]["resources"] = {"rdma": {"mlx5_1": {}}}'
run rd; check "rdma needs a number" "$(cat "$T/rd.err")" "~" "hcaHandles or hcaObjects is missing"
bundle noc 'c["linux"]["resources"] = {"pids": {"limit": 5}}'
exits 1 "limits without cgroups are refused" oci --cgroup-manager disabled run --bundle "$T/noc" noc
bundle da 'c["linux"]["resources"] = {"devices": [{"allow": False, "access": "rwm"}, {"allow": True, "access": "r"}]}; c["linux"]["devices"] = [{"path": "/dev/k", "type": "c", "major": 10, "minor": 237}]; sh("(: </dev/k) 2>/dev/null && echo read; (: >/dev/k) 2>/dev/null && echo write; true")'
check "a device rule for all, to read: nobody writes" "$(run da)" = read
bundle un 'c["linux"]["resources"] = {"unified": {"memory.high": "10000000"}}; sh("true")'
run un
if [ -n "$V2" ]; then check "unified" "$RC" -eq 0; else check "unified on v1 is an error in words" "$(cat "$T/un.err")" "~" "unified: this machine has cgroup v1"; fi
bundle esc 'c["linux"]["cgroupsPath"] = "/../../escape"'
run esc; check "a cgroupsPath with .. is refused" "$(cat "$T/esc.err")" "~" '".." is not allowed'
bundle bad 'c["linux"]["resources"] = {"memory": {"limit": 33554432, "swap": 1048576}}'
run bad; check "swap below memory is an error in words" "$(cat "$T/bad.err")" "~" "it includes memory.limit"
check "... and leaves no cgroup" "$(ls -d "$(cgroup_dir memory bad)" 2>/dev/null)" = ""
bundle huge 'c["linux"]["resources"] = {"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152}]}'
run huge; check "a missing controller is named, or the limit set" "$RC $(cat "$T/huge.err")" "~" "^0|no hugetlb.2MB"
bundle mnt 'c["mounts"].append({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro", "nosuid", "noexec", "nodev"]})
sh("cat /sys/fs/cgroup/'$(v pids/ '')'cgroup.procs; mkdir /sys/fs/cgroup/'$(v pids/ '')'x 2>&1; cat /proc/self/cgroup")'
out=$(run mnt)
check "the container sees its own cgroup as root, read-only" "$(echo "$out" | paste -sd' ')" "~" "^1 .*Read-only file system.*:/( |$)"

# v2 only: a cgroup of the container's own to divide
if [ -n "$V2" ]; then
	rw='c["mounts"].append({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["rw", "nosuid", "noexec", "nodev"]})'
	bundle own "$rw; c['process']['user'] = {'uid': 1000, 'gid': 1000}; c['linux']['resources'] = {'pids': {'limit': 20}}; sh('sleep 30')"
	oci run -d --bundle "$T/own" own </dev/null
	d=$(cgroup_dir '' own)
	check "a writable cgroup mount: the user owns the group" "$(stat -c %u "$d" "$d/cgroup.procs" "$d/cgroup.subtree_control" | tr '\n' ' ')" = "1000 1000 1000 "
	check "... not its limits" "$(stat -c %u "$d/pids.max")" = 0
	oci delete --force own
	bundle in "$rw; sh('mkdir /sys/fs/cgroup/init; echo 1 >/sys/fs/cgroup/init/cgroup.procs; echo +pids >/sys/fs/cgroup/cgroup.subtree_control; sleep 30')"
	oci run -d --bundle "$T/in" in </dev/null
	eventually 10 grep -q pids "$(cgroup_dir '' in)/cgroup.subtree_control"
	check "a container that divides its cgroup" "$(cat "$(cgroup_dir '' in)/cgroup.subtree_control")" = pids
	check "exec goes where its first process is" "$(oci exec in cat /proc/self/cgroup)" = 0::/init
	oci delete --force in
	check "the divided cgroup is removed" "$(ls -d "$(cgroup_dir '' in)" 2>/dev/null)" = ""
else
	for t in "a writable cgroup mount: the user owns the group" "... not its limits" "a container that divides its cgroup" "exec goes where its first process is" "the divided cgroup is removed"; do
		skip "$t" "cgroup v1 here: sh tests/vm/run.sh"
	done
fi

# Real time comes out of the share of the group above, and that one has none at first.
if [ -f /sys/fs/cgroup/cpu/cpu.rt_runtime_us ] && [ -z "$V2" ]; then
	bundle rt 'del c["linux"]["cgroupsPath"]; c["linux"]["resources"] = {"cpu": {"realtimeRuntime": 2000}}; sh("sleep 30")'
	for c in rt$$ ru$$; do oci run -d --bundle "$T/rt" $c </dev/null >>"$T/rt.out" 2>&1; done
	check "cpu.realtimeRuntime on the default path" "$(cat "$T/rt.out" /sys/fs/cgroup/cpu/minictr-oci/r[tu]$$/cpu.rt_runtime_us | paste -sd' ')" = "2000 2000"
	for c in rt$$ ru$$; do oci delete --force $c; done
else skip "cpu.realtimeRuntime on the default path" "this kernel does not share out real time"; fi
