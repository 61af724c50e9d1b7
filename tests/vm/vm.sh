#!/bin/sh
# vm.sh DIR 'command' [FILE ...] - boots DIR/root.ext4 (changes vanish), copies the files into /ctl, runs the command there as root
# under systemd and cgroup v2, prints its output and ends with its exit status. By emulation where there is no real KVM.
# VMREBOOTS=1: a reboot inside boots again, with the files as they are, and the command runs once more.
set -eu
img=$1 cmd=$2; shift 2
w=$(mktemp -d); trap 'rm -rf "$w"' EXIT
mkdir "$w/ctl"; printf '%s\n' "$cmd" >"$w/ctl/cmd"
for f in "$@"; do cp -r "$f" "$w/ctl/"; done
mke2fs -q -t ext4 -O ^has_journal -d "$w/ctl" "$w/ctl.img" 768M >/dev/null
accel=tcg,thread=multi,tb-size=128
{ [ -d /sys/module/kvm_intel ] || [ -d /sys/module/kvm_amd ]; } && [ -w /dev/kvm ] && accel=kvm
timeout "${VMLIM:-600}" nice -n 10 qemu-system-x86_64 -accel $accel -M q35 -cpu max -smp 2 -m "${VMMEM:-1024}" \
	-nodefaults -no-user-config -display none $([ -n "${VMREBOOTS:-}" ] || echo -no-reboot) -serial "file:$w/console" \
	-drive "file=$img/root.ext4,format=raw,if=none,id=d0,snapshot=on" -device nvme,drive=d0,serial=r0 \
	-drive "file=$w/ctl.img,format=raw,if=none,id=d1,cache=unsafe" -device nvme,drive=d1,serial=r1 \
	-kernel "$img/vmlinux" -append "console=ttyS0 panic=-1 quiet root=/dev/nvme0n1 rootfstype=ext4 rw ${VMAPPEND:-}" </dev/null || :
for f in out rc; do debugfs -R "dump /$f $w/$f" "$w/ctl.img" 2>/dev/null; done
cat "$w/out" 2>/dev/null || :
[ -s "$w/rc" ] && exit "$(cat "$w/rc")"
echo "vm: no exit status came back; the console says:" >&2; tail -20 "$w/console" >&2; exit 125
