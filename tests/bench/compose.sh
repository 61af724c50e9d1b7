#!/bin/bash
# What a project costs next to one container. Goals: up of ten services at most twice one run, where there are processors for ten starts
# side by side (on two it is five times one start's CPU); a second up that changes nothing at most 50 ms and no new process.
. "$(dirname "$0")/common.sh"
machine
N=${RUNS:-10}
mk_rootfs "$T/rootfs"
setup_mc "$T/rootfs"
mkdir -p "$T/ten"
{ echo 'services:'; for i in 0 1 2 3 4 5 6 7 8 9; do echo "  s$i: {image: bb, command: sleep 1000, init: true}"; done; } >"$T/ten/compose.yaml"
cd "$T/ten" || exit 1
mc run -d --name keeps bb sleep 100000 >/dev/null # the bridge and the rules stay between the runs
head_line "ten services without dependencies, next to one container"
hf "minictr run -d" "$N" "$BIN/minictr run -d bb sleep 1000"
hf "compose up -d (from nothing)" "$N" "$BIN/minictr compose up -d" "$BIN/minictr compose down -t 1"
hf "compose down" "$N" "$BIN/minictr compose down -t 1" "$BIN/minictr compose up -d"
mc compose up -d >/dev/null 2>&1
hf "compose up -d (nothing to do)" "$N" "$BIN/minictr compose up -d"
before=$(mc inspect -f '{{.State.Pid}}' $(mc compose ps -q))
mc compose up -d >/dev/null 2>&1
[ "$before" = "$(mc inspect -f '{{.State.Pid}}' $(mc compose ps -q))" ] && echo "a second up keeps all ten processes"
hf "compose ps" "$N" "$BIN/minictr compose ps"
mc compose down -t 1 >/dev/null 2>&1
mc rm -f $(mc ps -aq) >/dev/null
