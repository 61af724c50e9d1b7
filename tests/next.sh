#!/bin/sh
# next.sh [PATTERN ...] - builds minictr and runs its test-suite in a tree of Debian 13, whose libraries, kernel headers and peers
# (crun, runc, podman, containerd, docker) are newer than those of the machine. The kernel is the machine's.
#
# The tree is made once by mmdebstrap (about 80 s) and kept in $NEXT (default build/next); the build in it is kept too.
# pivot_root(2) and not chroot(2): a process in a chroot may make no user namespace (user_namespaces(7)).
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
command -v mmdebstrap >/dev/null 2>&1 || { echo "1..0 # SKIP no mmdebstrap (apt-get install mmdebstrap)"; exit 0; }
dir=${NEXT:-build/next} suite=${SUITE:-trixie}
mkdir -p "$dir"; dir=$(cd "$dir" && pwd); tree=$dir/$suite
# Of the peers: not those that only the machine's own checks use. The docker command is a package of its own there.
packages=docker-cli,$(sh tests/packages.sh --list build test peers | tr ' ' '\n' | grep -vxE 'mmdebstrap|clang|clang-format|codespell|expect' | sort -u | paste -sd,)
if [ "$(cat "$tree/.packages" 2>/dev/null)" != "$packages" ]; then
	echo "making a tree of Debian $suite in $tree"
	[ ! -d "$tree" ] || rm -rf --one-file-system "$tree"
	without=''; for d in doc man info locale; do without="$without --dpkgopt=path-exclude=/usr/share/$d/*"; done
	mmdebstrap -q --variant=minbase $without --include="$packages" "$suite" "$tree" >"$dir/mmdebstrap.log" 2>&1 || { tail -20 "$dir/mmdebstrap.log"; exit 1; }
	echo "$packages" >"$tree/.packages"
fi
# Sources with their times, so that the build kept in the tree stays valid; what is gone here goes there too.
mkdir -p "$tree/src"
find "$tree/src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
git ls-files -co --exclude-standard | while read -r f; do [ -e "$f" ] && printf '%s\n' "$f"; done | tar -cf - -T - | tar -xpf - -C "$tree/src" --no-same-owner
exec unshare --mount --pid --fork --kill-child --propagation private sh -c '
	set -eu
	mount --bind "$1" "$1"; cd "$1"; shift
	mount -t proc proc proc; mount --rbind /dev dev; mount --rbind /sys sys
	mount -t tmpfs -o mode=755 run run; mount -t tmpfs -o mode=1777 tmp tmp
	mkdir -p run/lock mnt; pivot_root . mnt; cd /src; umount -l /mnt
	export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
	make -s -j"$(nproc)" all unit >/tmp/make.log 2>&1 || { tail -30 /tmp/make.log; exit 1; }
	exec sh tests/runner.sh "$@"' sh "$tree" "$@"
