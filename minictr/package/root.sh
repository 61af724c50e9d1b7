#!/bin/sh
# root.sh FILE.tar - a minimal Debian of this machine's release with what the package depends on, for tests: made once.
set -eu
[ ! -s "$1" ] || exit 0
command -v mmdebstrap >/dev/null 2>&1 || { echo "1..0 # SKIP no mmdebstrap (apt-get install mmdebstrap)"; exit 0; }
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
deb=$(sh "$(dirname "$0")/deb.sh" "$(dirname "$1")" "$out" | tail -1)
depends=$(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g')
without=''; for d in doc man info locale; do without="$without --dpkgopt=path-exclude=/usr/share/$d/*"; done
echo "making a root file system of Debian in $1"
mmdebstrap -q --format=tar --variant=minbase $without --include="$depends,busybox-static" "$(. /etc/os-release; echo "$VERSION_CODENAME")" "$1.new" >"$out/log" 2>&1 || { tail -5 "$out/log" >&2; exit 1; }
mv "$1.new" "$1"
