#!/bin/sh
# run.sh [PATTERN ...] - the test-suite once more inside a virtual machine with systemd and cgroup v2 (mkimg.sh, vm.sh).
# Those about systemd run outside of the runner, in systemd's own pid namespace.
# What the host was built into build/bin and build/test runs there; nothing is compiled under emulation.
set -eu
cd "$(dirname "$0")/../.."
for c in qemu-system-x86_64 mmdebstrap mke2fs debugfs lz4; do
	command -v $c >/dev/null 2>&1 || { echo "1..0 # SKIP no $c (apt-get install qemu-system-x86 mmdebstrap e2fsprogs lz4)"; exit 0; }
done
img=${VMDIR:-build/vm}
sh tests/vm/mkimg.sh "$img"
w=$(mktemp -d); trap 'rm -rf "$w"' EXIT
tar -cf "$w/tree.tar" --exclude=build/obj --exclude=build/vm --exclude=build/next --exclude=build/fuzz --exclude='build/asan*' --exclude=build/core --exclude=.git .
patterns=$*; [ -n "$patterns" ] || patterns="test_ 10- 11- 12- 13- 14- 15- 16- 17- 18- 40-"
VMLIM=${VMLIM:-1500} sh tests/vm/vm.sh "$img" "mkdir /root/minictr && tar -xf /ctl/tree.tar -C /root/minictr && cd /root/minictr && ip link set lo up; mount -t tmpfs tmpfs /tmp; export IN_VM=1; LIMIT=900 sh tests/runner.sh --bin build/bin --unit build/test $patterns; rc=\$?; for t in 19-systemd 47-user; do sh tests/run/\$t.sh || rc=1; done; exit \$rc" "$w/tree.tar"
