. "$(dirname "$0")/../../lib.sh"
minictr exec witness sh -c 'cat /proc/sys/kernel/random/boot_id > /tmp/boot'
pid=$(minictr inspect --format '{{.State.Pid}}' witness); shared=""
for kind in mnt pid uts ipc net user; do [ "$(readlink /proc/self/ns/$kind)" != "$(readlink /proc/$pid/ns/$kind)" ] || shared="$shared $kind"; done
keep answer "$shared"
