#!/bin/bash
# Peak resident size of the clients, and what stays resident per container (kB).
. "$(dirname "$0")/common.sh"
machine
mk_rootfs "$T/rootfs"
mk_bundle "$T/b" "$T/rootfs" '["/bin/true"]'
mk_oci "$T/oci" bb "$T/rootfs"
echo "# peak resident size (kB) of the largest process among the client and those it waits for; median of ${RUNS:-10}"
peak() { # peak LABEL COMMAND...
	local l=$1 i; shift
	for i in $(seq "${RUNS:-10}"); do command time -o "$T/t" -f %M "$@" >/dev/null 2>&1; tail -1 "$T/t"; done | row "$l"
}
head_line "peak RSS" kB
peak "unshare + true" unshare --mount --pid --fork --uts --ipc --net "$T/rootfs/bin/true"
peak "bwrap" bwrap --unshare-all --bind "$T/rootfs" / --proc /proc --dev /dev /bin/true
peak "crun run" crun --root /run/c run -b "$T/b" t
peak "runc run" runc --root /run/r run -b "$T/b" t
peak "minictr-oci run" "$BIN/minictr-oci" --root /run/m run -b "$T/b" t
setup_mc "$T/rootfs"
peak "minictr run --rm --network none" "$BIN/minictr" run --rm --network none bb /bin/true
for i in $(seq 20); do mc run -d --name "t$i" bb sleep 100000 >/dev/null; done
peak "minictr ps (20 running)" "$BIN/minictr" ps
res() { # res LABEL PID...: VmHWM, VmRSS, and Pss now
	local l=$1 p; shift
	for p in "$@"; do
		[ -r "/proc/$p/status" ] || continue
		printf '%-44s peak %8d  now %8d  pss %8d  threads %3d\n' "$l" \
			"$(awk '/VmHWM/{print $2}' /proc/$p/status)" "$(awk '/VmRSS/{print $2}' /proc/$p/status)" \
			"$(awk '/^Pss:/{print $2}' /proc/$p/smaps_rollup)" "$(ls /proc/$p/task | wc -l)"
	done
}
byname() { ps -eo pid=,comm= | awk -v n="$1" '$2==n{print $1}'; }
if ! skip podman; then
	setup_podman
	skopeo copy -q "oci:$T/oci:bb" containers-storage:localhost/bb:latest
	peak "podman run --rm --network none" podman run --rm $PCG --network none bb /bin/true
	peak "podman run --rm bridge" podman run --rm $PCG bb /bin/true
	podman run -d $PCG --name t --network none bb sleep 100000 >/dev/null
	peak "podman exec" podman exec t /bin/true
	peak "podman ps" podman ps
fi
if ! skip docker; then
	start_dockerd
	res "dockerd (idle, fresh)" "$DPID"; res "containerd (idle, fresh)" $(byname containerd)
	tar -C "$T/rootfs" -c . | $DOCKER import - bb >/dev/null
	peak "docker run --rm --network none" $DOCKER run --rm --network none bb /bin/true
	peak "docker run --rm bridge" $DOCKER run --rm bb /bin/true
	$DOCKER run -d --name tt -p 18080:80 bb sleep 100000 >/dev/null
	peak "docker exec" $DOCKER exec tt /bin/true
	peak "docker ps" $DOCKER ps
fi
echo "# resident while one container runs (kB)"
res "minictr-monitor (20 running)" $(ps -eo pid=,args= | awk '/minictr-monitor/ && !/awk/{print $1}' | head -3)
mc rm -f $(mc ps -q) >/dev/null
skip podman || res "conmon (per container)" $(byname conmon)
if ! skip docker; then
	res "containerd-shim-runc-v2 (per container)" $(byname containerd-shim)
	res "docker-proxy (per published port and family)" $(byname docker-proxy)
	res "dockerd (after ${RUNS:-10}x runs)" "$DPID"; res "containerd" $(byname containerd)
	$DOCKER rm -f tt >/dev/null
fi
skip podman || podman rm -f -t 0 t >/dev/null
