#!/bin/sh
# packages.sh SET... - makes sure that the Debian packages of these sets are there: build, test, peers, vm.
#
# Lists what is missing and asks on a terminal; goes ahead where there is none. Only the set `peers` holds packages
# that bring services (docker.io): it is installed when asked for by name, and its services are not started.
set -eu
build="gcc make pkg-config libc6-dev libseccomp-dev libcap-dev libarchive-dev libreadline-dev libjson-c-dev libcurl4-openssl-dev libssl-dev libmicrohttpd-dev libyaml-dev libnftables-dev libsystemd-dev busybox-static check"
test="python3 jq curl procps iproute2 util-linux universal-ctags binutils zstd xz-utils bzip2 nftables"
vm="qemu-system-x86 mmdebstrap e2fsprogs lz4"
peers="lintian iperf3 hyperfine qemu-system-x86 e2fsprogs crun runc skopeo umoci podman conmon buildah containerd docker.io docker-registry netavark mmdebstrap uidmap fuse-overlayfs passt apache2-utils openssl tmux expect strace clang clang-format codespell kubernetes-client python3-docker python3-yaml python3-grpcio python3-protobuf protobuf-compiler containernetworking-plugins"
# --list: only names them (the tree of tests/next.sh has a package manager of its own).
if [ "$1" = --list ]; then
	shift
	for set in "$@"; do eval "printf '%s ' \"\$$set\""; done
	exit 0
fi
missing=""
for set in "$@"; do
	case $set in build) list=$build ;; test) list=$test ;; peers) list=$peers ;; vm) list=$vm ;; *) echo "packages.sh: no set $set" >&2; exit 2 ;; esac
	for p in $list; do
		# Another source's kubectl owns the same file name: the package cannot stand beside it, and is not needed.
		if [ "$p" = kubernetes-client ] && command -v kubectl >/dev/null 2>&1; then continue; fi
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
	done
done
[ -n "$missing" ] || exit 0
sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
size=$(LC_ALL=C apt-get install --no-install-recommends --assume-no $missing 2>/dev/null | sed -n 's/^Need to get \(.*\) of archives.*/, \1/p' | sed 's,/.*,,') || true
echo "needs:$missing ($(echo $missing | wc -w) packages$size)"
if [ -t 0 ] && [ -t 1 ]; then
	printf 'install now? [Y/n] '; read -r answer
	case $answer in [nN]*) echo "not installed; the command:  $sudo apt-get install$missing" >&2; exit 1 ;; esac
fi
# A policy that answers "not now" keeps package scripts from starting services (invoke-rc.d(8)).
policy=/usr/sbin/policy-rc.d made=""
if [ ! -e $policy ] && [ "${*#*peers}" != "$*" ]; then printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null; $sudo chmod 755 $policy; made=1; fi
DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND
$sudo apt-get -q -o Dpkg::Use-Pty=0 update >/dev/null 2>&1 || true
rc=0; $sudo apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends $missing >/tmp/minictr-apt.$$ 2>&1 || rc=$?
[ $rc = 0 ] || tail -20 /tmp/minictr-apt.$$ >&2
rm -f /tmp/minictr-apt.$$
[ -z "$made" ] || $sudo rm -f $policy
exit $rc
