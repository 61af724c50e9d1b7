#!/bin/sh
# `make run` without a terminal and `make clean-host`: from the sources to a greeting, and back to nothing.
. "$(dirname "$0")/lib.sh"
need_root
case $BIN in "$HERE"/build/bin) ;; *) skip_all "looks at the plain build only" ;; esac
dpkg-query -W gcc busybox-static >/dev/null 2>&1 || skip_all "not a Debian with the build packages"

MINICTR_ROOT=$T/engine; export MINICTR_ROOT
sh "$HERE/minictr/cli/scripts/run.sh" build </dev/null >"$T/out" 2>"$T/err"; check "make run leaves with 0 where nobody types" $? -eq 0
check "says who built, and what was made" "$(cat "$T/out")" "~" 'built as .* in [0-9]+ s\. .*busybox, hello'
check "greets" "$(cat "$T/out")" "~" 'containers by building one'
check "shows that all is well" "$(cat "$T/out")" "~" '^Hello, .* process 1'
printf 'run --rm busybox echo piped\nexit 3\n' | sh "$HERE/minictr/cli/scripts/run.sh" build >"$T/out" 2>&1; check "lines from a pipe: status of the last" $? -eq 3
check "they ran" "$(cat "$T/out")" "~" '^piped'

mc run -d --name left busybox sleep 1000 >/dev/null
pid=$(mc inspect --format '{{.State.Pid}}' left); run_dir=$(mc info --format '{{.MinictrRunDir}}'); key=$(basename "$run_dir" | cut -c1-8)
sh "$HERE/minictr/cli/scripts/clean-host.sh" build </dev/null >"$T/out" 2>&1; check "make clean-host" $? -eq 0
check "the container is gone" "$([ -e "/proc/$pid" ] && echo there)" = ""
check "its cgroups are gone" "$(find /sys/fs/cgroup -type d -path "*minictr-$key*" 2>/dev/null)" = ""
check "directories are gone" "$(ls -d "$MINICTR_ROOT" "$run_dir" 2>/dev/null)" = ""
check "a second time is no harm" "$(sh "$HERE/minictr/cli/scripts/clean-host.sh" build </dev/null)" "~" 'nothing to do'
mkdir -p "$T/precious/data"
MINICTR_ROOT=$T/precious sh "$HERE/minictr/cli/scripts/clean-host.sh" build </dev/null >/dev/null 2>&1; check "a directory that is no engine's is refused" $? -eq 1
check "and left alone" "$(ls "$T/precious")" = "data"
plan "$N"
