#!/bin/sh
# What the program in a container has, seen by the kernel: namespaces, mounts, devices, capabilities, descriptors, limits.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
plan 36

bundle "$T/b" '.process.args=["sleep","1000"] | .hostname="planted" | .linux.resources.memory={"limit":67108864} | .linux.resources.pids={"limit":33} | .linux.resources.cpu={"quota":50000,"period":100000}'
exec 7</etc/passwd
oci run -d -b "$T/b" c1 7</etc/passwd || not_ok "run -d"
P=$(pid c1)
for ns in mnt pid uts ipc net cgroup; do
	check "a $ns namespace of its own" "$(readlink "/proc/$P/ns/$ns")" != "$(readlink /proc/self/ns/$ns)"
done
check "the user namespace is the host's" "$(readlink "/proc/$P/ns/user")" = "$(readlink /proc/self/ns/user)"
check "process 1 inside" "$(awk '/NSpid/{print $NF}' "/proc/$P/status")" = 1
check "host name" "$(oci exec c1 hostname)" = planted
check "the host's name is untouched" "$(hostname)" != planted
check "the host's root is out of reach: every mount lies beneath the new root" "$(awk '$5 !~ "^/"' "/proc/$P/mountinfo" | wc -l)" = 0
check "no mount is shared with the host" "$(grep -c 'shared:' "/proc/$P/mountinfo")" = 0
check "nothing of the bundle is mounted on the host" "$(grep -c "$T" /proc/self/mountinfo)" = 0
check "/proc shows the container's processes only" "$(oci exec c1 sh -c 'ls /proc | grep -c "^[0-9]"')" -le 4
check "/proc/sys is read-only" "$(grep ' /proc/sys ' "/proc/$P/mountinfo")" "~" ' ro,'
check "the root is read-only" "$(oci exec c1 touch /x 2>&1)" "~" 'Read-only'
check "/dev/null is the null device" "$(oci exec c1 stat -c '%t:%T' /dev/null)" = 1:3
check "six devices and no disk" "$(oci exec c1 sh -c 'find /dev -type c -o -type b' | grep -cv pts)" = 6
check "no descriptor of ours is left in the program" "$(ls "/proc/$P/fd" | tr '\n' ' ')" = "0 1 2 "
check "capabilities" "$(awk '/CapEff/{print $2}' "/proc/$P/status")" = 0000000020000420
check "bounding set" "$(awk '/CapBnd/{print $2}' "/proc/$P/status")" = 0000000020000420
check "no inheritable capability (CVE-2022-29162)" "$(awk '/CapInh/{print $2}' "/proc/$P/status")" = 0000000000000000
check "no new privileges" "$(awk '/NoNewPrivs/{print $2}' "/proc/$P/status")" = 1
limit() { cat /sys/fs/cgroup/$1/minictr-oci/c1/$2 2>/dev/null || cat "/sys/fs/cgroup/minictr-oci/c1/$3" 2>/dev/null; }
check "memory limit" "$(limit memory memory.limit_in_bytes memory.max)" = 67108864
check "pids limit" "$(limit pids pids.max pids.max)" = 33
check "cpu quota" "$(limit cpu cpu.cfs_quota_us cpu.max)" "~" '^50000'
check "its cgroup is its root" "$(oci exec c1 cat /proc/self/cgroup | grep -c ':/$')" = "$(oci exec c1 cat /proc/self/cgroup | wc -l)"
exits 0 "update" oci update --pids-limit 44 c1
check "pids limit after update" "$(limit pids pids.max pids.max)" = 44
exits 0 "update --resources -" sh -c "printf '{\"memory\":{\"limit\":33554432}}' | '$BIN/minictr-oci' --root '$T/oci' update --resources - c1"
check "memory limit after update --resources -" "$(limit memory memory.limit_in_bytes memory.max)" = 33554432
oci delete --force c1

check "a user namespace maps ids" "$(inside u1 "tr -s \" \" </proc/self/uid_map" ".linux.namespaces += [{type:\"user\"}] | .linux.uidMappings=[{containerID:0,hostID:1500000000,size:65536}] | .linux.gidMappings=.linux.uidMappings")" "~" "0 1500000000 65536"
check "user, groups, umask" "$(inside u2 'id -u; id -g; id -G; umask' '.process.user={"uid":1000,"gid":1001,"additionalGids":[5,6],"umask":63}' | tr '\n' ' ')" = "1000 1001 1001 5 6 0077 "
mkdir -p "$T/vol/sub"; echo data >"$T/vol/f"
check "a bind mount, read-only" "$(inside v1 'cat /vol/f; echo x >/vol/f' ".mounts += [{destination:\"/vol\",source:\"$T/vol\",options:[\"bind\",\"ro\"]}]" | tr '\n' ' ')" "~" '^data .*Read-only'
check "an init that reaps" "$(inside i1 '(sleep 0.1 &); sleep 0.4; ps -o stat | grep -c Z' '.annotations={"io.minictr.init":"true"}')" = 0
check "process 1 of --init tells nothing of the host" "$(inside i2 "tr \"\\0\" \" \" </proc/1/cmdline" ".annotations={\"io.minictr.init\":\"true\"}")" "~" "^init *$"
