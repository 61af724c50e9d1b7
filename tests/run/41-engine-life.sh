#!/bin/sh
# 41-engine-life.sh - the life of a container: start, stop, kill, pause, restart, rename, wait, rm; restart policies, health.
. "$(dirname "$0")/lib.sh"
need_root
plan 46
starter_images
state() { mc inspect -f '{{.State.Status}}' "$1" 2>/dev/null; }
is() { [ "$(state "$1")" = "$2" ]; }

id=$(mc run -d --name web busybox sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done')
check "run -d prints the id" "$id" "~" '^[0-9a-f]{64}$'
check "it runs" "$(state web)" = running
check "found by a prefix" "$(mc inspect -f '{{.Name}}' "$(echo "$id" | cut -c1-6)")" = /web
check "exec sees process 1" "$(mc exec web sh -c 'cat /proc/1/comm')" = sh
exits 9 "exec's exit code" mc exec web sh -c 'exit 9'
exits 127 "exec of a missing program" mc exec web nosuch
check "exec -e -w -u" "$(mc exec -e A=b -w /tmp -u 5 web sh -c 'echo $A $PWD $(id -u)')" = "b /tmp 5"
check "exec -i" "$(echo in | mc exec -i web cat)" = in
exits 1 "rm of a running one is refused" mc rm web
begin=$(date +%s); mc stop web >/dev/null; end=$(date +%s)
check "stop is TERM first" "$(mc inspect -f '{{.State.ExitCode}}' web)" = 3
check "and does not wait longer than needed" $((end - begin)) -lt 5
check "start brings it back" "$(mc start web)" = web
check "running again" "$(state web)" = running
mc pause web >/dev/null
check "pause" "$(state web)" = paused
exits 1 "no exec in a frozen one" mc exec web true
mc unpause web >/dev/null
check "unpause" "$(mc exec web echo alive)" = alive
mc rename web site >/dev/null
check "rename" "$(mc inspect -f '{{.Name}}' site)" = /site
exits 1 "the old name is free" mc inspect --type container web
mc kill -s KILL site >/dev/null
check "kill" "$(mc inspect -f '{{.State.ExitCode}}' site)" = 137
check "wait gives the code" "$(mc wait site)" = 137
exits 0 "rm" mc rm site
exits 1 "gone" mc inspect --type container site
exits 1 "one clear sentence for a stranger" mc stop nosuch
check "is docker's" "$(cat "$T/err")" "~" 'No such container: nosuch'

mc run -d --name ign busybox sh -c 'trap "" TERM; while :; do sleep 0.1; done' >/dev/null; sleep 0.3
begin=$(date +%s); mc stop -t 1 ign >/dev/null; end=$(date +%s)
check "stop -t 1 kills after a second" "$(mc inspect -f '{{.State.ExitCode}}' ign) $((end - begin < 4))" = "137 1"
mc rm ign >/dev/null

mc run -d --name waited busybox sh -c 'sleep 0.5; exit 6' >/dev/null
check "wait waits" "$(mc wait waited)" = 6
mc rm -f waited >/dev/null

mc run -d --name retry --restart on-failure:2 busybox sh -c 'echo try; exit 4' >/dev/null
tries() { [ "$(mc logs retry | wc -l)" -ge 3 ] && is retry exited; }
eventually 10 tries; sleep 0.5
check "on-failure:2 is three tries" "$(mc logs retry | wc -l)" -eq 3
check "counted" "$(mc inspect -f '{{.RestartCount}}' retry)" = 2
mc run -d --name always --restart always busybox sh -c 'exit 1' >/dev/null
eventually 5 is always restarting
check "back-off is shown" "$(mc ps --format '{{.Names}} {{.Status}}')" "~" 'always Restarting \(1\)'
begin=$(date +%s); mc stop always >/dev/null; end=$(date +%s)
check "stop during the pause is at once" $((end - begin)) -lt 3
sleep 1
check "and it stays stopped" "$(state always)" = exited
mc rm -f retry always >/dev/null
# The command that waits is held still until the container is gone: its exit code is known all the same.
id=$(mc run -d --rm --network none busybox sh -c 'sleep 1; exit 5'); "$BIN/minictr" wait "$id" >"$T/code" & waiter=$!; sleep 0.4; kill -STOP $waiter
gone() { ! mc inspect "$id" >/dev/null 2>&1; }; eventually 20 gone; kill -CONT $waiter; wait $waiter
check "wait knows the exit code of a --rm container that is gone" "$(cat "$T/code")" = 5
# Between the end and the restart: its monitor stands still until it is told to go on.
mc run -d --name back --restart always busybox sh -c '[ -e /once ] || { touch /once; sleep 2; exit 3; }; sleep 100' >/dev/null
monitor=$(jq .Monitor.Pid "$T/root/containers/$(mc inspect -f '{{.Id}}' back)/state.json"); kill -STOP "$monitor"
check "wait ends with the process, whatever comes after" "$(timeout 20 "$BIN/minictr" wait back)" = 137
check "it is restarting from its end on, in every reader's eyes" "$(state back)" = restarting
exits 1 "what will come back is not removed" mc rm back
check "... and says why" "$(cat "$T/err")" "~" 'You cannot remove a restarting container'
kill -CONT "$monitor"
if eventually 5 is back running; then ok "it comes back"; else not_ok "it comes back" "$(state back)"; fi
mc rm -f back >/dev/null

mc run -d --name sick --health-cmd 'test -f /ok' --health-interval 200ms --health-retries 2 busybox sleep 100 >/dev/null
healthy() { [ "$(mc inspect -f '{{.State.Health.Status}}' sick)" = "$1" ]; }
check "health starts as starting" "$(mc inspect -f '{{.State.Health.Status}}' sick)" "~" 'starting|unhealthy'
if eventually 5 healthy unhealthy; then ok "two failures are unhealthy"; else not_ok "two failures are unhealthy"; fi
mc exec sick touch /ok
if eventually 5 healthy healthy; then ok "a success is healthy"; else not_ok "a success is healthy"; fi
check "ps says it" "$(mc ps --format '{{.Status}}')" "~" '\(healthy\)'
mc rm -f sick >/dev/null

mc run -d --name lines busybox sh -c 'i=0; while [ $i -lt 10 ]; do echo line $i; i=$((i+1)); done; sleep 1; echo last' >/dev/null
sleep 0.3
check "logs --tail" "$(mc logs --tail 2 lines | tr '\n' ' ')" = "line 8 line 9 "
check "logs -t" "$(mc logs -t --tail 1 lines)" "~" '^20[0-9-]+T[0-9:.]+Z line 9'
check "logs -f ends with the container" "$(mc logs -f --tail 1 lines | tail -1)" = last
check "logs --since the future is empty" "$(mc logs --since 2100-01-01T00:00:00Z lines | wc -l)" -eq 0
mc rm lines >/dev/null
# the monitor's own `internal cleanup` may still be on its way out
traces() { find /sys/fs/cgroup -maxdepth 3 -name "minictr-$(python3 - "$T/root" <<'P' | cut -c1-8
import sys
h = 0xcbf29ce484222325
for b in sys.argv[1].encode():
    h = ((h ^ b) * 0x100000001b3) & 0xffffffffffffffff
print("%016x" % h)
P
)" 2>/dev/null; }
clean() { [ -z "$(traces)" ]; }
if eventually 3 clean; then ok "no cgroup is left behind"; else not_ok "no cgroup is left behind" "$(traces)"; fi
