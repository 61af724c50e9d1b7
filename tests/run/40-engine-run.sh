#!/bin/sh
# 40-engine-run.sh - run, start, exec, logs as a person types them: exit codes, streams, environment, users, limits.
. "$(dirname "$0")/lib.sh"
need_root
plan 44
starter_images

check "output arrives" "$(mc run --rm busybox echo hi)" = hi
exits 7 "the program's exit code is ours" mc run --name seven busybox sh -c 'echo out; echo err >&2; exit 7'
check "stdout is stdout" "$(cat "$T/out")" = out
check "stderr is stderr" "$(cat "$T/err")" = err
check "logs keeps both" "$(mc logs seven 2>&1 | sort | tr '\n' ' ')" = "err out "
check "logs splits them" "$(mc logs seven 2>/dev/null)" = out
check "ps -a tells the code" "$(mc ps -a --format '{{.Names}} {{.Status}}')" "~" '^seven Exited \(7\)'
exits 125 "a name in use" mc run --name seven busybox true
check "is said in docker's words" "$(cat "$T/err")" "~" 'The container name "/seven" is already in use by container'
exits 127 "a missing program" mc run --rm busybox nosuch
exits 126 "a directory for a program" mc run --rm busybox /etc
exits 125 "an option that cannot be" mc run --rm --memory 1m busybox true
exits 143 "a signal is 128 + n" mc run --rm --init busybox sh -c 'kill -TERM $$; sleep 5'
check "nothing is left of --rm" "$(mc ps -aq | wc -l)" -eq 1
check "stdin reaches the program" "$(printf 'a\nb\n' | mc run --rm -i busybox cat)" = "a
b"
check "a megabyte through both pipes at once" "$(head -c 3000000 /dev/zero | mc run --rm -i busybox cat | wc -c)" -eq 3000000
check "without -i stdin stays outside" "$(echo x | mc run --rm busybox cat)" = ""

FROMCLIENT=yes; export FROMCLIENT
check "-e NAME carries the client's value" "$(mc run --rm -e FROMCLIENT -e A=1 busybox sh -c 'echo $FROMCLIENT$A')" = yes1
check "nothing else of the client leaks" "$(mc run --rm busybox env | grep -c FROMCLIENT)" = 0
check "an unset -e NAME carries nothing" "$(mc run --rm -e NOSUCHVAR busybox env | grep -c NOSUCHVAR)" = 0
check "hostname is the short id" "$(mc run --rm busybox hostname | wc -c)" -eq 13
check "--hostname" "$(mc run --rm --hostname web busybox sh -c 'hostname; cat /etc/hostname; grep -c web /etc/hosts' | tr '\n' ' ')" = "web web 1 "
check "-w makes the directory" "$(mc run --rm -w /a/b busybox pwd)" = /a/b
check "-u by name, from the container's own file" "$(mc run --rm -u nobody busybox id -u 2>&1)" "~" '^[0-9]+$|unable to find user'
check "-u by number" "$(mc run --rm -u 1000:1001 busybox sh -c 'id -u; id -g' | tr '\n' ' ')" = "1000 1001 "
exits 125 "an unknown user" mc run --rm -u nosuchuser busybox true
check "--entrypoint" "$(mc run --rm --entrypoint echo busybox a b)" = "a b"
check "--read-only" "$(mc run --rm --read-only busybox sh -c 'touch /x 2>&1')" "~" 'Read-only'
check "--tmpfs on it" "$(mc run --rm --read-only --tmpfs /t busybox sh -c 'touch /t/x && echo ok')" = ok
mkdir "$T/dir"; echo seen >"$T/dir/f"
check "-v brings a directory in" "$(mc run --rm -v "$T/dir:/d" busybox sh -c 'cat /d/f; echo new >/d/g'; cat "$T/dir/g")" = "seen
new"
check "-v :ro refuses a write" "$(mc run --rm -v "$T/dir:/d:ro" busybox sh -c 'echo x >/d/h' 2>&1)" "~" 'Read-only'
check "docker's 14 capabilities" "$(mc run --rm busybox grep CapBnd /proc/self/status | tr -d ' \t')" = "CapBnd:00000000a80425fb"
check "--cap-drop ALL --cap-add" "$(mc run --rm --cap-drop ALL --cap-add net_raw busybox grep CapBnd /proc/self/status | tr -d ' \t')" = "CapBnd:0000000000002000"
check "a filter is on" "$(mc run --rm busybox grep -w Seccomp /proc/self/status | tr -d ' \t')" = "Seccomp:2"
check "--security-opt no-new-privileges" "$(mc run --rm --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status | tr -d ' \t')" = "NoNewPrivs:1"
check "--init is process 1" "$(mc run --rm --init busybox sh -c 'echo $$')" = 2
exits 137 "more memory than allowed" mc run --name hog --memory 16m busybox sh -c 'x=a; while :; do x=$x$x; done'
check "is said" "$(cat "$T/err")" "~" 'OOM killer ended container hog.*16 MiB'
check "and inspect knows" "$(mc inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' hog)" = "true 137"
# More files than fs.nr_open allows: the runtime gives what it may and warns. Its standard error is the container's.
exits 0 "a limit that nobody may have" mc run --rm --ulimit nofile=2147483648 busybox echo ran
check "the runtime's warning reaches the user" "$(cat "$T/out") $(grep -c 'WARNING: RLIMIT_NOFILE: 2147483648 is more' "$T/err")" = "ran 1"
mc run -d --name lim --ulimit nofile=2147483648 busybox sleep 100 >/dev/null 2>"$T/err"
check "and of one in the background; exec does not repeat it" "$(mc exec lim echo ran 2>>"$T/err") $(grep -c 'WARNING: RLIMIT_NOFILE' "$T/err")" = "ran 1"
mc restart -t 0 lim >/dev/null 2>"$T/err"; mc exec lim true 2>>"$T/err"
check "... a new start says it anew" "$(grep -c 'WARNING: RLIMIT_NOFILE' "$T/err")" = 1
mc rm -f lim >/dev/null; check "no log of it stays" "$(find /run/minictr -name '*.log' 2>/dev/null | wc -l)" = 0
