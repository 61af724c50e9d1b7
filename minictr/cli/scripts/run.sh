#!/bin/sh
# run.sh BUILD_DIR - `sudo make run`: packages, build as the calling user, starter images, the prompt.
#
# Root is needed for packages and containers only. The build runs as the person who called sudo: files in their tree
# stay theirs, and a mistake in a makefile is not root's mistake.
set -eu
cd "$(dirname "$0")/../../.."
build=${1:-build}
as_user=""; who=$(id -un); not_root=""
if [ "$(id -u)" = 0 ] && [ "${SUDO_UID:-0}" != 0 ] && [ "$(stat -c %u .)" = "$SUDO_UID" ]; then
	as_user="setpriv --reuid=$SUDO_UID --regid=${SUDO_GID:-$SUDO_UID} --clear-groups env HOME=/tmp"
	who=$(id -un "$SUDO_UID" 2>/dev/null || echo "user $SUDO_UID"); not_root=" (not root)"
	# A build that root began would stand in the way.
	[ ! -d "$build" ] || [ -z "$(find "$build" ! -uid "$SUDO_UID" -print -quit)" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$build"
fi

sh tests/packages.sh build

start=$(date +%s)
log=$(mktemp); trap 'rm -f "$log"' EXIT
[ -z "$as_user" ] || chown "$SUDO_UID" "$log"
if [ ! -x "$build/bin/minictr" ]; then echo "building ..."; fi
if ! $as_user make -s -j"$(nproc)" O="$build" all >"$log" 2>&1; then
	grep -E 'error|Error|undefined' "$log" | head -20 >&2 || true
	tail -5 "$log" >&2
	echo "make run: the build failed; \`make\` shows all of it" >&2
	exit 1
fi
seconds=$(($(date +%s) - start))
rm -f "$log"; trap - EXIT

root=${MINICTR_ROOT:-/var/lib/minictr}
[ "$(id -u)" = 0 ] || root=${MINICTR_ROOT:-${XDG_DATA_HOME:-$HOME/.local/share}/minictr}
"$build/bin/minictr" internal starter 2>/dev/null || "$build/bin/minictr" internal starter
echo "built as $who$not_root in $seconds s. Two images made here, no network used: busybox, hello."
echo "Containers, mounts and networks live in $root."
echo "\`sudo make clean-host\` removes every trace of them."
echo
exec "$build/bin/minictr"
