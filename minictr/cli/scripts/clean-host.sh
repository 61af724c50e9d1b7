#!/bin/sh
# clean-host.sh BUILD_DIR - `sudo make clean-host`: containers, mounts, cgroups, links and directories of this engine
# (MINICTR_ROOT, default /var/lib/minictr) go. Your work/, your progress and the installed packages stay.
set -eu
cd "$(dirname "$0")/../../.."
minictr=${1:-build}/bin/minictr
root=${MINICTR_ROOT:-/var/lib/minictr}
[ "$(id -u)" = 0 ] || root=${MINICTR_ROOT:-${XDG_DATA_HOME:-$HOME/.local/share}/minictr}
case $root in /?*) ;; *) echo "clean-host: MINICTR_ROOT must be an absolute path" >&2; exit 2 ;; esac
if [ ! -e "$root" ]; then echo "nothing to do: there is no $root"; exit 0; fi
# Only a directory that an engine has laid out is taken away: MINICTR_ROOT=/home must cost nothing.
if [ ! -d "$root/containers" ] || [ ! -d "$root/images" ]; then
	echo "clean-host: $root does not look like an engine's directory (no containers/ and images/); left alone" >&2; exit 1
fi

run_dir=""; ids=""
if [ -x "$minictr" ]; then
	run_dir=$("$minictr" info --format '{{.MinictrRunDir}}' 2>/dev/null || true)
	ids=$("$minictr" ps -aq --no-trunc 2>/dev/null || true)
fi
echo "This removes $(echo "$ids" | grep -c . || true) containers, all images and volumes in $root."
if [ -t 0 ] && [ -t 1 ]; then
	printf 'remove it all? [y/N] '; read -r answer
	case $answer in [yY]*) ;; *) echo "nothing was removed"; exit 1 ;; esac
fi

[ -z "$ids" ] || "$minictr" rm -f $ids >/dev/null || true
if [ -d "$root/vm/containers" ]; then
	for id in $(ls "$root/vm/containers"); do "$minictr" vm rm -f "$id" >/dev/null || true; done
fi
# What a crash left: mounts below root and run directory, deepest first; cgroups, leaves first.
for dir in "$root" $run_dir; do
	awk '{print $5}' /proc/self/mountinfo | grep -F "$dir/" | sort -r | while read -r m; do umount -l "$m" || true; done
done
if [ -n "$run_dir" ]; then
	key=$(basename "$run_dir" | cut -c1-8)
	find /sys/fs/cgroup -depth -type d -path "*/minictr-$key*" 2>/dev/null | while read -r d; do rmdir "$d" 2>/dev/null || true; done
	rm -rf --one-file-system "$run_dir"
	rmdir /run/minictr 2>/dev/null || true
fi
rm -rf --one-file-system "$root"
left=$([ -e "$root" ] && echo "$root"; [ -z "$run_dir" ] || find /sys/fs/cgroup -type d -path "*/minictr-$(basename "$run_dir" | cut -c1-8)*" 2>/dev/null | head -3)
if [ -n "$left" ]; then echo "clean-host: still there: $left" >&2; exit 1; fi
echo "Done: nothing of minictr is left on this machine but this folder and the packages."
