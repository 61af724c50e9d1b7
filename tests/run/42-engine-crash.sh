#!/bin/sh
# 42-engine-crash.sh - kill -9 of any of our processes, at any moment: ps never lies, the next command repairs.
. "$(dirname "$0")/lib.sh"
need_root
plan 29
starter_images
of() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]]["Pid"])' "$T/root/containers/$1/state.json" "$2"; }
state() { mc inspect -f '{{.State.Status}}' "$1" 2>/dev/null; }

id=$(mc run -d --name one busybox sleep 1000)
kill -9 "$(of "$id" Monitor)"; sleep 0.2
check "a container outlives its monitor" "$(state one)" = running
check "and is still worked with" "$(mc exec one echo yes)" = yes
exits 1 "attach says what happened instead of hanging" timeout 5 "$BIN/minictr" attach one
check "in a sentence" "$(cat "$T/err")" "~" 'monitor'
exits 0 "stop works without it" timeout 10 "$BIN/minictr" stop -t 1 one
check "stopped" "$(state one)" = exited
exits 0 "and starts again" mc start one
kill -9 "$(of "$id" Monitor)" "$(of "$id" Init)"; sleep 0.3
check "both killed: ps does not lie" "$(mc ps -a --format '{{.Status}}')" "~" '^Exited \(137\)'
exits 0 "the next start repairs" mc start one
check "running" "$(state one)" = running
exits 0 "rm -f" mc rm -f one

# the OCI runtime killed in its `start`, as the OOM killer does: the created process waits for a start that never comes
cat >"$T/runtime" <<R
#!/bin/sh
for w; do [ "\$w" = start ] && kill -9 \$\$; done
exec "$BIN/minictr-oci" "\$@"
R
chmod +x "$T/runtime"
exits 125 "a start whose runtime is killed ends" timeout -s KILL 20 "$BIN/minictr" run -d --name shot --runtime "$T/runtime" busybox sleep 1000
check "with a reason" "$(cat "$T/err")" "~" "start ended with status 137"
exits 0 "and the container can be removed" timeout -s KILL 20 "$BIN/minictr" rm -f shot

# frozen, and the record does not know it: by another program, or by a `pause` that was killed
for verb in "stop -t 1" "kill" "rm -f"; do
	id=$(mc run -d --name ice busybox sleep 1000); g=minictr-*/$id; ICE=""
	for f in /sys/fs/cgroup/freezer/$g/freezer.state /sys/fs/cgroup/$g/cgroup.freeze; do [ -e "$f" ] && ICE=$f; done
	case $ICE in *state) echo FROZEN ;; *) echo 1 ;; esac >"$ICE"
	exits 0 "$verb ends a frozen container" timeout -s KILL 8 "$BIN/minictr" $verb ice
	case $ICE in *state) echo THAWED ;; *) echo 0 ;; esac 2>/dev/null >"$ICE"
	mc rm -f ice >/dev/null 2>&1
done
mc run -d --name ice busybox sleep 1000 >/dev/null
bad=0; for ms in 1 2 3 4 5 6 8 10 12; do
	"$BIN/minictr" pause ice >/dev/null 2>&1 & p=$!; python3 -c "import time; time.sleep($ms/1000)"; kill -9 $p 2>/dev/null; wait $p 2>/dev/null
	mc unpause ice >/dev/null 2>&1; timeout -s KILL 5 "$BIN/minictr" exec ice true || bad=$((bad + 1))
done
check "unpause mends a pause killed at any moment" $bad -eq 0
exits 0 "rm" mc rm -f ice

# the command that starts, killed at many moments: afterwards each container runs, or is startable, or is not there
bad=0
for ms in 1 2 3 4 5 6 7 8 10 12 15 20 25 30 40 60; do
	"$BIN/minictr" run -d --name k$ms busybox sleep 1000 >/dev/null 2>&1 &
	p=$!; python3 -c "import time; time.sleep($ms/1000)"; kill -9 $p 2>/dev/null; wait $p 2>/dev/null
done
sleep 0.5
for ms in 1 2 3 4 5 6 7 8 10 12 15 20 25 30 40 60; do
	case $(state k$ms) in
	"") ;;
	running) mc exec k$ms true || bad=$((bad + 1)) ;;
	*) mc start k$ms >/dev/null 2>>"$T/err" || bad=$((bad + 1)) ;;
	esac
	[ -z "$(state k$ms)" ] || mc rm -f k$ms >/dev/null 2>>"$T/err" || bad=$((bad + 1))
done
check "run killed at 16 moments leaves nothing that cannot be used" $bad -eq 0
# killed between its name and its record: the name is free, unless the process that makes it is still at work
half=$(printf '%064d' 7); mkdir "$T/root/containers/$half" "$T/root/containers/$half/upper"; ln -s "$half" "$T/root/names/half"
background python3 -c 'import fcntl, os, sys, time; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX); time.sleep(1000)' "$T/root/containers/$half"
eventually 5 sh -c "! flock -n '$T/root/containers/$half' true"
exits 125 "a name that is just being made is taken" mc run --rm --name half busybox true
kill "$BG"; eventually 5 flock -n "$T/root/containers/$half" true
exits 0 "one of a create that was killed is free" mc run --rm --name half busybox true
check "... and its directory is gone" "$(ls "$T/root/containers" | grep -c "$half")" -eq 0
mkdir "$T/root/containers/$half"; mc run --rm busybox true
check "the last container takes what creates that were killed have left" "$(ls "$T/root/containers")" = ""
mkdir "$T/root/containers/$half"; mc container prune -f >/dev/null
check "prune takes what is left of others" "$(ls "$T/root/containers" | grep -c "$half")" -eq 0
none_left() { ! pgrep -f "$T/root" >/dev/null; }
if eventually 5 none_left; then ok "no process of theirs is left"; else not_ok "no process of theirs is left" "$(ps -o pid,args -p $(pgrep -d, -f "$T/root"))"; fi

# the machine was switched off: the record says running, with another boot id
id=$(mc run -d --name boot busybox sleep 1000)
kill -9 "$(of "$id" Monitor)" "$(of "$id" Init)"; sleep 0.2
sed -i 's/"BootID": *"[^"]*"/"BootID":"00000000-0000-0000-0000-000000000000"/' "$T/root/containers/$id/state.json"
check "after a reboot ps says exited" "$(state boot)" = exited
exits 0 "and it starts" mc start boot
printf '{"log":"cut' >>"$T/root/containers/$id/log"
check "a half-written log is read" "$(mc logs boot 2>&1)" = ""
mc rm -f boot >/dev/null
