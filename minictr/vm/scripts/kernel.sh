#!/bin/sh
# kernel.sh DIR - the distribution's kernel for guests, downloaded and unpacked into DIR (about 30 MB, then 110), not installed:
# no boot loader is touched, no root needed. DIR/boot/vmlinuz-*, DIR/lib/modules/*.
set -eu
dir=$1
ls "$dir"/boot/vmlinuz-* >/dev/null 2>&1 && exit 0
command -v apt-get >/dev/null 2>&1 || { echo "kernel.sh: no apt-get here: unpack a kernel package by hand and use --kernel" >&2; exit 1; }
case $(uname -m) in aarch64) set -- linux-image-cloud-arm64 linux-image-virtual ;; *) set -- linux-image-cloud-amd64 linux-image-virtual ;; esac
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
for meta in "$@"; do
	package=$(apt-cache depends "$meta" 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\).*/\1/p' | head -1)
	[ -n "$package" ] && break
done
[ -n "$package" ] || { echo "kernel.sh: no package $* known here (apt-get update?)" >&2; exit 1; }
version=${package#linux-image-}
(cd "$work" && for p in "$package" "linux-modules-$version"; do apt-get -q download "$p" >/dev/null 2>"$p.log" || true; done)
ls "$work/$package"_*.deb >/dev/null 2>&1 || { cat "$work/$package.log" >&2; exit 1; }
mkdir -p "$dir"
for deb in "$work"/*.deb; do dpkg -x "$deb" "$dir"; done
echo "kernel $version is in $dir"
