#!/bin/sh
# run.sh [PATTERN ...] - the test-suite once more inside a virtual machine with systemd and cgroup v2 (mkimg.sh, vm.sh).
# Those about systemd run outside of the runner, in systemd's own pid namespace. A second boot is a poor machine: cgroup v1
# only, and what 48-poor-machine takes away. A third has the Debian package and reboots (package.sh).
# `run.sh poor` and `run.sh package` boot only that; `run.sh v2` is what CI runs: each way of cgroup v2 (limits, events,
# kill, born inside, delegation, device rules), the poor machine, the package; `run.sh .` runs every test there is.
# What the host was built into build/bin and build/test runs there; nothing is compiled under emulation.
set -eu
cd "$(dirname "$0")/../.."
for c in qemu-system-x86_64 mmdebstrap mke2fs debugfs lz4; do
	command -v $c >/dev/null 2>&1 || { echo "1..0 # SKIP no $c (apt-get install qemu-system-x86 mmdebstrap e2fsprogs lz4)"; exit 0; }
done
img=${VMDIR:-build/vm}
sh tests/vm/mkimg.sh "$img" || { echo "1..0 # SKIP the image of the test machine cannot be made (mmdebstrap wants root and a package mirror)"; exit 0; }
w=$(mktemp -d); trap 'rm -rf "$w"' EXIT
tar -cf "$w/tree.tar" --exclude=build/obj --exclude=build/vm --exclude=build/next --exclude=build/fuzz --exclude='build/asan*' --exclude=build/core --exclude=build/vm-kernel --exclude='build/deb*' --exclude=.git .
unpack='mkdir /root/minictr && tar -xf /ctl/tree.tar -C /root/minictr && cd /root/minictr && ip link set lo up; mount -t tmpfs tmpfs /tmp'
patterns=$*; [ -n "$patterns" ] || patterns="test_ 10- 11- 12- 13- 14- 15- 16- 17- 18- 40- 55-net-bridge 56-"
rc=0
[ "$patterns" != v2 ] || patterns="15-cgroup"
case $patterns in poor|package) ;; *)
	VMLIM=${VMLIM:-1500} sh tests/vm/vm.sh "$img" "$unpack; export IN_VM=1; LIMIT=900 sh tests/runner.sh --bin build/bin --unit build/test $patterns; rc=\$?; for t in 19-systemd 47-user; do sh tests/run/\$t.sh || rc=1; done; exit \$rc" "$w/tree.tar" || rc=1 ;;
esac
[ "$patterns" = package ] ||
	VMAPPEND="systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=yes SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1" \
	sh tests/vm/vm.sh "$img" "$unpack; export IN_VM=poor; sh tests/run/48-poor-machine.sh" "$w/tree.tar" || rc=1
case $patterns in poor) ;; *)
	DEB_QUICK=1 sh minictr/package/deb.sh build "$w" >/dev/null
	VMREBOOTS=1 sh tests/vm/vm.sh "$img" "sh /ctl/package.sh" "$w"/minictr_*.deb tests/vm/package.sh || rc=1 ;;
esac
exit $rc
