#!/bin/bash
# Shared by the bench scripts (sourced through a path relative to the script).
#
# The outer process makes a temporary directory, then runs the script again
# inside private mount, pid and network namespaces, with a tmpfs on /run:
# daemons, bridges, firewall rules, sysctls and mounts made by the engines end
# with the namespace, and nothing of the host is altered. What remains
# afterwards (the temporary directory, empty cgroups) the outer process removes.
#
# Settings (environment):
#   RUNS      runs per figure (default 10 or what the script says)
#   KEEP=1    keep the temporary directory
#   DOCKER    docker client to use (default: the first in PATH)
#   EXTRA     further commands for start.sh: "label=command;;label=command"
#   SKIP      words of engines to leave out: "docker podman"
set -u
HERE=$(cd "$(dirname "$0")" && pwd)
SELF=$(basename "$0")
DOCKER=${DOCKER:-docker}
BIN=${BIN:-$HERE/../../build/bin}; BIN=$(cd "$BIN" && pwd) || exit 1
export LC_ALL=C

if [ -z "${BENCH_T:-}" ]; then
	BENCH_T=$(mktemp -d "${TMPDIR:-/tmp}/cb.XXXXXX"); export BENCH_T
	BENCH_CG=bench-$$; export BENCH_CG
	# a negative nice value keeps the other users of the machine out of the figures
	nice -n "${NICE:--15}" unshare --mount --net --pid --fork --kill-child --mount-proc \
		bash "$HERE/$SELF" "$@" &
	child=$!
	trap 'kill -KILL $child 2>/dev/null; sleep 1' INT TERM
	wait $child; rc=$?
	# only empty cgroups go: rmdir refuses the others
	for parent in "$BENCH_CG"; do
		for d in /sys/fs/cgroup/"$parent" /sys/fs/cgroup/*/"$parent"; do
			[ -d "$d" ] && find "$d" -depth -type d -exec rmdir {} + 2>/dev/null
		done
	done
	if [ -n "${KEEP:-}" ]; then echo "# kept: $BENCH_T" >&2; else rm -rf "$BENCH_T"; fi
	exit $rc
fi

T=$BENCH_T
mount --make-rprivate /
# the engines' run directories, private to this run (a fresh /run tmpfs)
mount -t tmpfs -o mode=755 run /run
mount -t tmpfs shm /dev/shm
mkdir -p /run/lock /run/netns
# crun 1.8 refuses a hybrid host whose cgroup2 side still owns a controller;
# hidden in this mount namespace only
if [ -z "${KEEP_UNIFIED:-}" ] && mountpoint -q /sys/fs/cgroup/unified 2>/dev/null; then
	umount /sys/fs/cgroup/unified
fi
ip link set lo up
export MINICTR_ROOT=$T/mc
mc() { "$BIN/minictr" "$@"; }
inner_cleanup() { [ -n "${DPID:-}" ] && kill "$DPID" 2>/dev/null && wait "$DPID" 2>/dev/null; exit; }
trap inner_cleanup TERM INT EXIT

skip() { case " ${SKIP:-} " in *" $1 "*) return 0;; esac; return 1; }
now() { date +%s.%N; }
# quiet: wait (20 s at most) until both cores are mostly idle
quiet() {
	local i a b c d _
	for i in $(seq 40); do
		read -r _ a b c d _ </proc/stat; set -- $((a+b+c)) $d; sleep .5
		read -r _ a b c d _ </proc/stat
		[ $((a+b+c-$1)) -lt $(( (d-$2) / 6 )) ] && return
	done
}
head_line() { printf '%-44s %10s %10s %10s %4s %8s\n' "$1" "median_${2:-ms}" min max n ratio; rm -f "$T/base"; }
# row LABEL: numbers on stdin (one per line), prints median, min, max, n and
# the ratio to the first row since head_line
row() {
	local m
	m=$(sort -g | awk '{a[NR]=$1} END{ if(!NR){print "-"; exit}
		m=(NR%2)?a[(NR+1)/2]:(a[NR/2]+a[NR/2+1])/2; printf "%.6f %.6f %.6f %d",m,a[1],a[NR],NR}')
	set -- "$1" $m
	if [ "$2" = - ]; then printf '%-44s %10s\n' "$1" FAILED; return; fi
	[ -s "$T/base" ] || echo "$2" >"$T/base"
	awk -v l="$1" -v m="$2" -v a="$3" -v b="$4" -v n="$5" -v base="$(cat "$T/base")" \
		'BEGIN{printf "%-44s %10.2f %10.2f %10.2f %4d %8.2f\n",l,m,a,b,n,m/base}'
}
# hf LABEL RUNS COMMAND [PREPARE-COMMAND]: wall time in milliseconds
hf() {
	quiet
	if hyperfine -N --style none --warmup "${WARM:-2}" --runs "$2" ${4:+--prepare "$4"} \
		--export-json "$T/hf.json" "$3" >/dev/null 2>"$T/hf.err"; then
		jq -r '.results[0].times[]*1000' "$T/hf.json" | row "$1"
	else
		printf '%-44s %10s  %s\n' "$1" FAILED "$(tr '\n' ' ' <"$T/hf.err" | cut -c1-200)"
		return 1
	fi
}

mk_rootfs() { # mk_rootfs DIR: busybox and its applets
	local a bb; bb=$(readlink -f "$(command -v busybox)")
	mkdir -p "$1"/{bin,dev,proc,sys,tmp,etc,root}
	cp "$bb" "$1/bin/busybox"
	for a in $("$bb" --list); do [ "$a" = busybox ] || ln -sf busybox "$1/bin/$a"; done
	echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
	echo 'root:x:0:' >"$1/etc/group"
}
mk_bundle() { # mk_bundle DIR ROOTFS ARGS-JSON: an OCI bundle without terminal
	mkdir -p "$1"
	(cd "$1" && rm -f config.json && runc spec && jq --arg r "$2" --argjson a "$3" --arg cg "/$BENCH_CG/$(basename "$1")" \
		'.process.terminal=false|.process.args=$a|.root.path=$r|.root.readonly=false|.linux.cgroupsPath=$cg
		 |.process.rlimits=[]' config.json >c && mv c config.json)
}
mk_oci() { # mk_oci LAYOUT TAG ROOTFS...: an OCI layout, one gzip layer per rootfs
	local lay=$1 tag=$2 r; shift 2
	[ -d "$lay" ] || umoci init --layout "$lay" 2>/dev/null
	umoci new --image "$lay:$tag" 2>/dev/null
	for r in "$@"; do umoci insert --image "$lay:$tag" "$r" / 2>/dev/null; done
	umoci config --image "$lay:$tag" --config.cmd /bin/sh --config.env PATH=/bin 2>/dev/null
}
PORT=5000
start_registry() {
	mkdir -p "$T/reg"
	cat >"$T/reg.yml" <<-EOF
	version: 0.1
	log: {level: error, accesslog: {disabled: true}}
	storage:
	  cache: {blobdescriptor: inmemory}
	  filesystem: {rootdirectory: $T/reg}
	http: {addr: "127.0.0.1:$PORT"}
	EOF
	docker-registry serve "$T/reg.yml" >"$T/reg.log" 2>&1 &
	local i; for i in $(seq 50); do curl -fs "127.0.0.1:$PORT/v2/" >/dev/null && return; sleep .1; done
	echo "registry did not start" >&2; cat "$T/reg.log" >&2; exit 1
}
push_oci() { # push_oci LAYOUT TAG NAME
	skopeo copy -q --dest-tls-verify=false "oci:$1:$2" "docker://127.0.0.1:$PORT/$3" || exit 1
}
start_dockerd() {
	mkdir -p "$T/d"
	dockerd --data-root "$T/d/data" --exec-root "$T/d/exec" -H "unix://$T/d/s" \
		--pidfile "$T/d/pid" --storage-driver overlay2 --cgroup-parent "/$BENCH_CG" \
		--log-level error >"$T/d/log" 2>&1 &
	DPID=$!
	# Not exported: minictr itself would go where DOCKER_HOST says.
	mkdir -p "$T/d/cfg"; echo "{}" >"$T/d/cfg/config.json"
	DOCKER="env DOCKER_HOST=unix://$T/d/s DOCKER_CONFIG=$T/d/cfg $DOCKER"
	local i; for i in $(seq 100); do $DOCKER version >/dev/null 2>&1 && return; sleep .1; done
	echo "dockerd did not start" >&2; tail "$T/d/log" >&2; exit 1
}
# setup_mc ROOTFS: our engine in a root of its own with the same busybox as image bb
setup_mc() { tar -C "$1" -cf "$T/bb.tar" . && "$BIN/minictr" import "$T/bb.tar" bb >/dev/null; }
setup_podman() {
	local nf np; nf=$(ulimit -Hn); np=20000
	mkdir -p "$T/p"/{graph,net,tmp}
	cat >"$T/p/containers.conf" <<-EOF
	[containers]
	log_driver="k8s-file"
	default_ulimits=["nofile=$nf:$nf","nproc=$np:$np"]
	[engine]
	cgroup_manager="cgroupfs"
	events_logger="file"
	runtime="${PODMAN_RUNTIME:-crun}"
	tmp_dir="/run/libpod"
	image_copy_tmp_dir="$T/p/tmp"
	[network]
	network_backend="netavark"
	network_config_dir="$T/p/net"
	EOF
	cat >"$T/p/storage.conf" <<-EOF
	[storage]
	driver="overlay"
	graphroot="$T/p/graph"
	runroot="/run/podman-bench"
	EOF
	PCG="--cgroup-parent /$BENCH_CG/p"
	export CONTAINERS_CONF=$T/p/containers.conf CONTAINERS_STORAGE_CONF=$T/p/storage.conf
	podman info >/dev/null || exit 1
}
machine() {
	echo "# $SELF: $(uname -sr), $(nproc) x $(lscpu | sed -n 's/^Model name: *//p'), $(free -m | awk '/Mem:/{print $2}') MB," \
		"$(findmnt -n -o FSTYPE -T "$T") under the temporary directory"
}
