#!/bin/sh
# minictr -H against minictrd: the everyday commands, the same lines that dockerd has to pass (90-client-dockerd.sh).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/client.sh"
need_root
needs python3 || skip_all "python3 is not installed"
ip link set lo up
starter_images
D=unix://$T/api.sock
background "$BIN/minictrd" -H "$D" 2>"$T/daemon.log"
eventually 10 test -S "$T/api.sock"
XDG_CONFIG_HOME=$T/config; DOCKER_CONFIG=$T/docker; export XDG_CONFIG_HOME DOCKER_CONFIG
client_containers
client_terminals
client_files
client_parts
check "the log has no failure of ours" "$(grep -E 'killed by|: 50[0-9] in' "$T/daemon.log")" = ""
plan $N
