#!/bin/sh
# mkimg.sh DIR - makes DIR/root.ext4 and DIR/vmlinux: a Debian with systemd as PID 1 and cgroup v2 only, for the tests that a
# machine with another cgroup layout cannot show. Needs root, mmdebstrap, e2fsprogs, lz4, qemu-system-x86. About 40 s.
#
# The kernel is the distribution's cloud kernel, unpacked (not installed) and decompressed: an ELF boots faster under emulation.
set -eu
self=$(realpath "$0"); dir=$1; mkdir -p "$dir"; cd "$dir"
[ root.ext4 -nt "$self" ] && [ -s vmlinux ] && exit 0
k=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-6.1[^ ]*\).*/\1/p' | head -1)
apt-get -q -o APT::Sandbox::User=root download "$k" >/dev/null
rm -rf kern root; dpkg -x "$k"_*.deb kern; rm -f "$k"_*.deb
v=$(ls kern/lib/modules)
off=$(LC_ALL=C grep -aboP '\x02\x21\x4c\x18' kern/boot/vmlinuz-* | head -1 | cut -d: -f1)
tail -c +$((off + 1)) kern/boot/vmlinuz-* | lz4 -dc >vmlinux 2>/dev/null || [ -s vmlinux ]
x=''; for d in doc man locale info; do x="$x --dpkgopt=path-exclude=/usr/share/$d/*"; done
mmdebstrap -q --mode=root --variant=minbase $x \
	--include="systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,kmod,uidmap,iproute2,netbase,procps,busybox-static,jq,libjson-c5,libseccomp2,libarchive13,libcurl4,libmicrohttpd12,libreadline8,libsystemd0,libyaml-0-2,libnftables1,nftables,curl,gcc,libc6-dev,binutils,libseccomp-dev,libcap-dev,libjson-c-dev,check,python3-minimal,python3,crun" \
	bookworm root /etc/apt/sources.list.d/debian.sources >mmdebstrap.log 2>&1 || { tail mmdebstrap.log; exit 1; }
rm -f root/etc/apt/sources.list.d/*; mkdir -p root/usr/lib/modules; cp -a "kern/lib/modules/$v" root/usr/lib/modules/
chroot root depmod "$v"; echo vm >root/etc/hostname; echo '127.0.0.1 localhost vm' >root/etc/hosts; : >root/etc/fstab
chroot root useradd -m -s /bin/bash user
systemd-machine-id-setup --root=root >/dev/null 2>&1 || echo 0123456789abcdef0123456789abcdef >root/etc/machine-id
mkdir -p root/ctl root/var/lib/systemd/linger; : >root/var/lib/systemd/linger/user
cat >root/usr/local/sbin/vmtest <<'E2'
#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount /dev/nvme1n1 /ctl; cd /; sh /ctl/cmd </dev/null >>/ctl/out 2>&1; echo $? >/ctl/rc; sync; systemctl poweroff --force
E2
chmod 755 root/usr/local/sbin/vmtest
s=root/etc/systemd/system; mkdir -p $s/multi-user.target.wants
printf '[Unit]\nAfter=multi-user.target user@1000.service\n[Service]\nType=exec\nExecStart=/usr/local/sbin/vmtest\nDelegate=yes\nTimeoutStopSec=10\n' >$s/vmtest.service
ln -s ../vmtest.service $s/multi-user.target.wants/
for u in modprobe@.service e2scrub_reap.service e2scrub_all.timer fstrim.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
	systemd-random-seed.service systemd-update-utmp.service systemd-update-utmp-runlevel.service getty.target getty@tty1.service serial-getty@ttyS0.service \
	systemd-sysusers.service systemd-modules-load.service dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
	sys-fs-fuse-connections.mount systemd-pstore.service systemd-tmpfiles-clean.timer systemd-initctl.socket systemd-journal-flush.service \
	systemd-firstboot.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount; do ln -sf /dev/null $s/$u; done
mkdir -p root/etc/systemd/journald.conf.d; printf '[Journal]\nStorage=volatile\nAudit=no\n' >root/etc/systemd/journald.conf.d/vm.conf
rm -f root.ext4; mke2fs -q -t ext4 -d root -L root root.ext4 1400M
rm -rf root kern
