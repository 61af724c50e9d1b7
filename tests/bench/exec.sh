#!/bin/bash
# Latency of running /bin/true in a container that already runs (milliseconds).
. "$(dirname "$0")/common.sh"
N=${RUNS:-20}
machine
mk_rootfs "$T/rootfs"
mk_bundle "$T/b" "$T/rootfs" '["/bin/sleep","100000"]'
mk_oci "$T/oci" bb "$T/rootfs"
head_line "exec /bin/true"
crun --root /run/c run -d -b "$T/b" t </dev/null >/dev/null 2>&1
pid=$(crun --root /run/c state t | jq .pid)
hf "nsenter -m -u -i -n -p -r" "$N" "nsenter -t $pid -m -u -i -n -p --root=/proc/$pid/root --wd=/proc/$pid/root /bin/true"
hf "crun exec" "$N" "crun --root /run/c exec t /bin/true"
crun --root /run/c delete -f t
"$BIN/minictr-oci" --root /run/m run -d -b "$T/b" t </dev/null >/dev/null 2>&1
hf "minictr-oci exec" "$N" "$BIN/minictr-oci --root /run/m exec t /bin/true"
"$BIN/minictr-oci" --root /run/m delete -f t
setup_mc "$T/rootfs"
mc run -d --name tt bb sleep 100000 >/dev/null
hf "minictr exec" "$N" "$BIN/minictr exec tt /bin/true"
mc rm -f tt >/dev/null
runc --root /run/r run -d -b "$T/b" t </dev/null >/dev/null 2>&1
hf "runc exec" "$N" "runc --root /run/r exec t /bin/true"
runc --root /run/r delete -f t
if ! skip podman; then
	setup_podman
	skopeo copy -q "oci:$T/oci:bb" containers-storage:localhost/bb:latest
	podman run -d $PCG --name t --network none bb sleep 100000 >/dev/null
	hf "podman exec" "$N" "podman exec t /bin/true"
	podman rm -f -t 0 t >/dev/null
fi
if ! skip docker; then
	start_dockerd
	tar -C "$T/rootfs" -c . | $DOCKER import - bb >/dev/null
	$DOCKER run -d --name tt --network none bb sleep 100000 >/dev/null
	hf "docker exec" "$N" "$DOCKER exec tt /bin/true"
	$DOCKER rm -f tt >/dev/null
fi
