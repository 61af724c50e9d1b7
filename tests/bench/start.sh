#!/bin/bash
# Start-to-exit latency of /bin/true in each engine (milliseconds).
. "$(dirname "$0")/common.sh"
N=${RUNS:-30}
machine
mk_rootfs "$T/rootfs"
mk_bundle "$T/b" "$T/rootfs" '["/bin/true"]'
mk_oci "$T/oci" bb "$T/rootfs"
head_line "start /bin/true"
hf "fork+exec busybox true (no namespace)" "$N" "$T/rootfs/bin/true"
hf "unshare mount,pid,fork,uts,ipc,net" "$N" "unshare --mount --pid --fork --uts --ipc --net $T/rootfs/bin/true"
[ -x "$T/floor" ] || cc -O2 -o "$T/floor" "$HERE/floor.c"
hf "floor.c, no veth, v1 cgroups" "$N" "$T/floor -q -n 1 -r $T/rootfs -w $T/fl -c v1"
hf "bwrap --unshare-all" "$N" "bwrap --unshare-all --bind $T/rootfs / --proc /proc --dev /dev /bin/true"
hf "crun run" "$N" "crun --root /run/c run -b $T/b t"
hf "minictr-oci run" "$N" "$BIN/minictr-oci --root /run/m run -b $T/b t"
hf "crun run, no cgroup" "$N" "crun --root /run/c --cgroup-manager=disabled run -b $T/b t"
hf "crun run, 300 ms apart" "$N" "crun --root /run/c run -b $T/b t" "sleep 0.3"
hf "minictr-oci run, 300 ms apart" "$N" "$BIN/minictr-oci --root /run/m run -b $T/b t" "sleep 0.3"
hf "runc run, 300 ms apart" "$N" "runc --root /run/r run -b $T/b t" "sleep 0.3"
hf "runc run" "$N" "runc --root /run/r run -b $T/b t"
# the same with docker's default filter: crun compiles it at each start, ours has it ready
mkdir -p "$T/bs" && jq --slurpfile s "$HERE/../../minictr/runtime/seccomp_default.json" '.linux.seccomp=$s[0]' "$T/b/config.json" >"$T/bs/config.json" 2>/dev/null && {
	hf "crun run, default filter" "$N" "crun --root /run/c run -b $T/bs t"
	hf "minictr-oci run, default filter" "$N" "$BIN/minictr-oci --root /run/m run -b $T/bs t"
}
setup_mc "$T/rootfs"
hf "minictr run --rm --network none" "$N" "$BIN/minictr run --rm --network none bb /bin/true"
if ! skip podman; then
	setup_podman
	skopeo copy -q "oci:$T/oci:bb" containers-storage:localhost/bb:latest
	hf "podman run --rm --network none (crun)" "$N" "podman run --rm $PCG --network none bb /bin/true"
	hf "podman run --rm bridge (crun)" "$N" "podman run --rm $PCG bb /bin/true"
	hf "podman run --rm --network none (runc)" "$N" "podman --runtime runc run --rm $PCG --network none bb /bin/true"
fi
if ! skip docker; then
	start_dockerd
	tar -C "$T/rootfs" -c . | $DOCKER import - bb >/dev/null
	hf "docker run --rm --network none" "$N" "$DOCKER run --rm --network none bb /bin/true"
	hf "docker run --rm bridge" "$N" "$DOCKER run --rm bb /bin/true"
	for old in $(which -a docker | sort -u); do
	hf "docker run none, client $("$old" -v | cut -d" " -f3 | tr -d ,)" "$N" "env DOCKER_HOST=unix://$T/d/s $old run --rm --network none bb /bin/true"; done
	hf "docker version (client start + 1 request)" "$N" "$DOCKER version"
fi
IFS=$'\n'
for e in ${EXTRA:+$(printf '%s' "$EXTRA" | sed 's/;;/\n/g')}; do
	unset IFS; hf "${e%%=*}" "$N" "$(printf '%s' "${e#*=}" | sed "s#@ROOTFS@#$T/rootfs#g;s#@BUNDLE@#$T/b#g;s#@OCI@#$T/oci#g")"
done
