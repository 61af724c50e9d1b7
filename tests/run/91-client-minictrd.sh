#!/bin/sh
# minictr -H against minictrd: the same everyday commands as against docker's daemon (90-client-dockerd.sh), and what only ours promises.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/client.sh"
need_root
needs python3 || skip_all "python3 is missing"
[ -x "$BIN/minictrd" ] || skip_all "minictrd is not built"
XDG_CONFIG_HOME=$T/config; DOCKER_CONFIG=$T/docker; export XDG_CONFIG_HOME DOCKER_CONFIG
mkdir -p "$DOCKER_CONFIG"
D=unix://$T/d.sock
starter_images
background "$BIN/minictrd" -H "$D" 2>"$T/daemon.log"
daemon=$BG
eventually 20 far version || skip_all "minictrd does not start: $(tail -1 "$T/daemon.log")"

client_containers
client_terminals
client_files
client_parts

far run -d --name survivor busybox sleep 100 >/dev/null
before=$(far inspect -f '{{.State.Pid}}' survivor)
kill -9 "$daemon"; wait "$daemon" 2>/dev/null
check "the daemon is killed: the container runs on" "$(mc inspect -f '{{.State.Pid}} {{.State.Status}}' survivor)" = "$before running"
rm -f "$T/d.sock"
background "$BIN/minictrd" -H "$D" 2>"$T/daemon.log"
eventually 20 far version
check "a new daemon finds it" "$(far ps --format '{{.Names}}') $(far inspect -f '{{.State.Pid}}' survivor)" = "survivor $before"
check "client here and client there see one engine" "$(far ps -q --no-trunc)" = "$(mc ps -q --no-trunc)"
plan "$N"
