#!/bin/bash
# What a network costs: a start with it and without, next to podman's bridge; throughput next to a hand-made veth pair and
# bridge. Throughput wants iperf3; ratios count, single figures are noise on a busy machine.
. "$(dirname "$0")/common.sh"
machine
N=${RUNS:-20}
mk_rootfs "$T/rootfs"
mk_oci "$T/oci" bb "$T/rootfs"
setup_mc "$T/rootfs"
mc run -d --name keeps bb sleep 100000 >/dev/null # the bridge and the rules stay between the runs
head_line "start and end of a container"
hf "minictr run --rm --network none" "$N" "$BIN/minictr run --rm --network none bb /bin/true"
hf "minictr run --rm (bridge)" "$N" "$BIN/minictr run --rm bb /bin/true"
hf "minictr run --rm -p 8099:80" "$N" "$BIN/minictr run --rm -p 8099:80 bb /bin/true"
if ! skip podman; then
	setup_podman
	skopeo copy -q "oci:$T/oci:bb" containers-storage:localhost/bb:latest
	hf "podman run --rm --network none" "$N" "podman run --rm $PCG --network none bb /bin/true"
	hf "podman run --rm bridge" "$N" "podman run --rm $PCG bb /bin/true"
	hf "podman run --rm -p 8098:80" "$N" "podman run --rm $PCG -p 8098:80 bb /bin/true"
fi
if ! skip docker && command -v dockerd >/dev/null; then
	start_dockerd
	tar -C "$T/rootfs" -c . | $DOCKER import - bb >/dev/null
	hf "docker run --rm --network none" "$N" "$DOCKER run --rm --network none bb /bin/true"
	hf "docker run --rm bridge" "$N" "$DOCKER run --rm bb /bin/true"
	hf "docker run --rm -p 8097:80" "$N" "$DOCKER run --rm -p 8097:80 bb /bin/true"
	kill "$DPID"; wait "$DPID" 2>/dev/null; DPID=
	iptables -P FORWARD ACCEPT 2>/dev/null # docker leaves its policy behind: ours would warn
fi
# Does a start cost more where 200 run already? From an empty network and from a full one, in turn.
many=${MANY:-200}
mc network create --subnet 10.250.0.0/22 many >/dev/null; mc network create few >/dev/null
mc run -d --name first --network few bb sleep 100000 >/dev/null
seq "$many" | xargs -P 4 -I{} "$BIN/minictr" run -d --name 'm{}' --network many bb sleep 100000 >/dev/null
head_line "start and end beside others of the network"
hf "beside one" "$N" "$BIN/minictr run --rm --network few bb /bin/true"
hf "beside $many" "$N" "$BIN/minictr run --rm --network many bb /bin/true"
mc rm -f $(mc ps -q --filter network=many --filter network=few) >/dev/null # as docker does, several of one filter mean "or"
if command -v iperf3 >/dev/null; then
	head_line "throughput" Gbit/s
	# flow SERVER_PID CLIENT_PID ADDRESS: 0 is the host itself
	in_ns() { local p=$1; shift; if [ "$p" = 0 ]; then "$@"; else nsenter -t "$p" -n "$@"; fi; }
	flow() {
		in_ns "$1" iperf3 -s -1 -D -p "${4:-5201}"; sleep 0.3
		in_ns "$2" iperf3 -c "$3" -p "${5:-${4:-5201}}" -t 2 -J | awk -F: '/"sum_received"/{f=1} f && /bits_per_second/{print $2/1e9; exit}'
	}
	unshare -n sleep 1000 & A=$!; unshare -n sleep 1000 & B=$!
	sleep 0.2
	ip link add hand0 type bridge; ip link set hand0 up
	n=1; for p in $A $B; do
		ip link add "hv$n" type veth peer name eth0 netns "$p"; ip link set "hv$n" master hand0 up
		nsenter -t "$p" -n sh -c "ip addr add 10.251.0.$n/24 dev eth0; ip link set eth0 up"; n=$((n + 1))
	done
	mc run -d --name server -p 5299:5201 bb sleep 100000 >/dev/null; mc run -d --name client bb sleep 100000 >/dev/null
	S=$(mc inspect -f '{{.State.Pid}}' server); C=$(mc inspect -f '{{.State.Pid}}' client)
	IP=$(mc inspect -f '{{.NetworkSettings.IPAddress}}' server)
	# in turn: the machine's load of the moment meets both
	for i in 1 2 3 4 5; do flow "$A" "$B" 10.251.0.1 >>"$T/hand"; flow "$S" "$C" "$IP" >>"$T/ours"; done
	row "hand-made veth pair and bridge" <"$T/hand"
	row "container to container" <"$T/ours"
	ip link del hand0; kill "$A" "$B"
	for i in 1 2 3; do flow "$S" 0 127.0.0.1 5201 5299; done | row "host to published port, 127.0.0.1"
	mc rm -f server client >/dev/null
fi
mc rm -f keeps >/dev/null
