# bundle.sh - for tests of minictr-oci alone: a bundle of busybox, and its config.json changed by a jq filter.
#
#   . "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
#   bundle $T/b '.process.args=["id"]'        # rootfs shared by all bundles of one test: $T/rootfs
#   oci run -b $T/b c1
need_root
needs jq busybox || skip_all "needs jq and busybox"
mkdir -p "$T/rootfs"
busybox_rootfs "$T/rootfs"
chmod 755 "$T"

bundle() {  # DIR FILTER
	mkdir -p "$1"
	rm -f "$1/config.json"
	[ -e "$1/rootfs" ] || ln -s "$T/rootfs" "$1/rootfs"
	"$BIN/minictr-oci" spec -b "$1" && jq ".process.terminal=false | $2" "$1/config.json" >"$1/config.new" && mv "$1/config.new" "$1/config.json"
}
status() { oci state "$1" 2>/dev/null | jq -r .status; }
pid() { oci state "$1" | jq -r .pid; }
# What a container that runs a shell script prints: inside NAME SCRIPT [FILTER]
inside() {
	bundle "$T/inside" "${3:-.}"
	jq --arg s "$2" '.process.args=["sh","-c",$s]' "$T/inside/config.json" >"$T/inside/c" && mv "$T/inside/c" "$T/inside/config.json"
	oci run -b "$T/inside" "$1" 2>&1
}
# /sys/fs/cgroup directories of a container, any version
cgroup_dirs() { find /sys/fs/cgroup -type d -path "*/minictr-oci/$1" 2>/dev/null; }
