# vm.sh - for tests with virtual machines: skips the file where there is no qemu or no kernel; the machines end with the test.
need_vm() {
	mc vm info >"$T/vm-info" 2>&1 || skip_all "no virtual machine here: $(grep -h 'install\|needs' "$T/vm-info" | head -1 | cut -c1-150)"
}
cleanup() {
	for id in $(mc vm ps -aq --no-trunc 2>/dev/null); do mc vm rm -f "$id" >/dev/null 2>&1; done
}
