. "$(dirname "$0")/../../lib.sh"
running witness
boot=$(file_in witness /tmp/boot | tr -d ' \n')
[ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ] || fail "/tmp/boot of witness is the boot id of this machine's kernel" "${boot:-nothing}" \
	"inside and outside the same number is read: there is one kernel [vm-hypervisor]"
ok "/tmp/boot of witness is the boot id of this machine's kernel"
pid=$(look witness '{{.State.Pid}}'); shared=""
for kind in mnt pid uts ipc net user; do
	[ "$(readlink /proc/self/ns/$kind)" != "$(readlink "/proc/$pid/ns/$kind")" ] || shared="$shared$kind "
done
[ -n "$(said)" ] || fail "which namespaces are shared, by: exercise answer NAME,NAME ..." "no answer yet"
mine=$(said | tr ', ' '\n\n' | grep . | sort | tr '\n' ' ')
[ "$mine" = "$(echo "$shared" | tr ' ' '\n' | grep . | sort | tr '\n' ' ')" ] ||
	fail "the shared namespaces" "$mine, and that is not so" "compare /proc/self/ns with /proc/NUMBER/ns, or: ns diff"
ok "the shared namespaces"
