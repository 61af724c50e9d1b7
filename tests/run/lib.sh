# lib.sh - what every behaviour test sources: TAP lines, a private engine root, servers that end with the test.
#
#   . "$(dirname "$0")/lib.sh"
#   plan 2
#   check "a container prints" "$(mc run --rm hello)" = "Hello, nobody. ..."
#   needs skopeo || skip_all "skopeo is not installed (make peers)"
#
# A test file leaves nothing behind: everything lives under $T (removed at exit) and in containers of the engine
# root $T/root (removed at exit by name); processes started with `background` are killed by pid.
set -u
LC_ALL=C; export LC_ALL
HERE=$(cd "$(dirname "$0")/../.." && pwd)
BIN=${BIN:-$HERE/build/bin}; case $BIN in /*) ;; *) BIN=$HERE/$BIN ;; esac
T=$(mktemp -d "${TMPDIR:-/tmp}/minictr-test.XXXXXX")
MINICTR_ROOT=$T/root; export MINICTR_ROOT BIN T
N=0; FAILED=0; PIDS=""

# The engine as a user types it; the OCI runtime with a state folder of its own.
mc() { "$BIN/minictr" "$@"; }
oci() { "$BIN/minictr-oci" --root "$T/oci" "$@"; }

plan() { echo "1..$1"; }
ok() { N=$((N + 1)); echo "ok $N - $1"; }
not_ok() {  # NAME [DETAIL ...]: details become diagnostics
	N=$((N + 1)); FAILED=$((FAILED + 1)); echo "not ok $N - $1"; shift
	for line in "$@"; do printf '%s\n' "$line" | sed 's/^/#   /'; done
}
skip() { N=$((N + 1)); echo "ok $N - $1 # SKIP $2"; }
skip_all() { echo "1..0 # SKIP $1"; exit 0; }
# check NAME GOT OP WANT: OP is = or != (text), ~ (grep -E pattern found in GOT), !~ , -eq -lt -gt ... (numbers)
check() {
	case $3 in
	"~") if printf '%s\n' "$2" | grep -Eq -- "$4"; then ok "$1"; else not_ok "$1" "wanted a match of: $4" "got: $2"; fi ;;
	"!~") if printf '%s\n' "$2" | grep -Eq -- "$4"; then not_ok "$1" "wanted no match of: $4" "got: $2"; else ok "$1"; fi ;;
	*) if [ "$2" "$3" "$4" ] 2>/dev/null; then ok "$1"; else not_ok "$1" "wanted: $3 $4" "got:    $2"; fi ;;
	esac
}
# exits STATUS NAME COMMAND...: the command's exit status; its output is kept in $T/out and $T/err
exits() {
	want=$1; name=$2; shift 2
	"$@" >"$T/out" 2>"$T/err" </dev/null; rc=$?
	if [ "$rc" -eq "$want" ]; then ok "$name"; else not_ok "$name" "wanted exit status $want, got $rc" "ran: $*" "stderr: $(tail -c 600 "$T/err")"; fi
}
needs() { for c in "$@"; do command -v "$c" >/dev/null 2>&1 || return 1; done; }
need_root() { [ "$(id -u)" = 0 ] || skip_all "needs root"; }
# eventually SECONDS COMMAND...: polls until the command succeeds; an emulated machine gets six times as long
eventually() {
	end=$(($(date +%s) + $1)); [ -z "${IN_VM:-}" ] || end=$((end + $1 * 5)); shift
	until "$@" >/dev/null 2>&1; do [ "$(date +%s)" -lt "$end" ] || return 1; sleep 0.1; done
}
# background COMMAND...: starts it, remembers its pid for the end of the test; pid in $BG
background() { "$@" & BG=$!; PIDS="$PIDS $BG"; }
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }

# A root file system made of busybox in $1, and a bundle of it in $2 running the remaining arguments.
busybox_rootfs() {
	mkdir -p "$1/bin" "$1/etc" "$1/proc" "$1/sys" "$1/dev" "$1/tmp" "$1/root"
	cp "$(command -v busybox)" "$1/bin/busybox"
	for a in $(busybox --list); do [ "$a" = busybox ] || ln -sf busybox "$1/bin/$a"; done
	echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"; echo 'root:x:0:' >"$1/etc/group"
}
# Images of the starter set in the test's own root (busybox, hello).
starter_images() { "$BIN/minictr" internal starter >/dev/null 2>"$T/starter.err" || not_ok "starter images" "$(cat "$T/starter.err")"; }

finish() {
	status=$?
	trap - EXIT INT TERM
	if [ -d "$T/root/containers" ]; then
		ids=$(ls "$T/root/containers" 2>/dev/null)
		[ -z "$ids" ] || "$BIN/minictr" rm -f $ids >/dev/null 2>&1
	fi
	for c in $(ls "$T/oci" 2>/dev/null); do "$BIN/minictr-oci" --root "$T/oci" delete --force "$c" >/dev/null 2>&1; done
	for p in $PIDS; do kill "$p" 2>/dev/null; done
	for p in $PIDS; do wait "$p" 2>/dev/null; done
	type cleanup >/dev/null 2>&1 && cleanup
	rm -rf --one-file-system "$T" 2>/dev/null
	[ "$FAILED" = 0 ] || status=1
	exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM
