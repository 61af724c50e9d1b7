#!/bin/sh
# 45-engine-many.sh - many at once, two engines side by side, a reboot, a full disk, another runtime, an ordinary user.
. "$(dirname "$0")/lib.sh"
need_root
plan 28
starter_images
state() { mc inspect -f '{{.State.Status}}' "$1" 2>/dev/null; }
cleanup() { umount "$T/small" 2>/dev/null; [ ! -d "$T/other/containers" ] || "$BIN/minictr" --root "$T/other" rm -f $(ls "$T/other/containers") >/dev/null 2>&1; }

for i in 1 2 3 4 5 6 7 8 9 10; do mc run -d --name same busybox sleep 1000 >"$T/o$i" 2>&1 & done; wait
check "ten claim one name: one gets it" "$(cat "$T"/o* | grep -cE '^[0-9a-f]{64}$')" -eq 1
check "the others leave nothing" "$(mc ps -aq | wc -l)" -eq 1
mc rm -f same >/dev/null
check "twenty at once, none loses a line" "$( (for i in $(seq 1 20); do mc run --rm busybox echo $i & done; wait) | sort -n | tr '\n' ' ')" = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "
check "and none is left" "$(mc ps -aq | wc -l)" -eq 0
for i in $(seq 1 30); do mc run -d --name many$i busybox sleep 1000 >/dev/null; done
check "thirty run" "$(mc ps -q | wc -l)" -eq 30
pss=0; for p in $(pgrep -f "minictr-monitor.*$T/root"); do pss=$((pss + $(awk '/^Pss:/ {print $2}' /proc/$p/smaps_rollup))); done
check "a monitor is small (kB of Pss, mean)" $((pss / 30)) -lt "${ASAN_OPTIONS:+10}200"
mc rm -f $(mc ps -aq) >/dev/null
check "rm -f of all" "$(mc ps -aq | wc -l)" -eq 0

"$BIN/minictr" --root "$T/other" internal starter >/dev/null 2>&1
a=$(mc run -d --name twin busybox sleep 1000); b=$("$BIN/minictr" --root "$T/other" run -d --name twin busybox sleep 1000)
check "two roots, the same name" "$(mc ps -q --no-trunc) $("$BIN/minictr" --root "$T/other" ps -q --no-trunc)" = "$a $b"
mc rm -f twin >/dev/null
check "the other lives on" "$("$BIN/minictr" --root "$T/other" exec twin echo yes)" = yes
"$BIN/minictr" --root "$T/other" rm -f twin >/dev/null

mc run -d --name al --restart always busybox sleep 1000 >/dev/null
mc run -d --name us --restart unless-stopped busybox sleep 1000 >/dev/null
mc run -d --name st --restart unless-stopped busybox sleep 1000 >/dev/null
mc run -d --name no busybox sleep 1000 >/dev/null
mc stop -t 0 st >/dev/null
python3 - "$T/root" <<'P'
import glob, json, os, sys
for f in glob.glob(sys.argv[1] + "/containers/*/state.json"):
    d = json.load(open(f))
    for k in ("Monitor", "Init"):
        if d[k]["Pid"]:
            try: os.kill(d[k]["Pid"], 9)
            except OSError: pass
    d["BootID"] = "00000000-0000-0000-0000-000000000000"
    json.dump(d, open(f, "w"))
P
mkdir "$T/root/containers/half-made"
exits 0 "after a reboot: internal restore" mc internal restore
check "always and unless-stopped are back, the others are not" "$(state al) $(state us) $(state st) $(state no)" = "running running exited exited"
if [ -e "$T/root/containers/half-made" ]; then not_ok "what was half-made is swept"; else ok "what was half-made is swept"; fi
mc rm -f al us st no >/dev/null

mkdir "$T/small"; mount -t tmpfs -o size=6m tmpfs "$T/small"
small() { "$BIN/minictr" --root "$T/small" "$@"; }
small internal starter >/dev/null 2>&1
check "a full disk does not stop the program" "$(small run --name fill busybox sh -c 'i=0; while [ $i -lt 40000 ]; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; i=$((i+1)); done; echo end; exit 3' | tail -1)" = end
check "nor lose its exit code" "$(small inspect -f '{{.State.ExitCode}}' fill)" = 3
exits 125 "a new one is refused" small run --rm busybox true
check "in a sentence" "$(cat "$T/err")" "~" 'No space left'
exits 0 "and there is a way out" small rm fill
for n in w1 w2; do small run -d --name $n busybox sleep 1000 >/dev/null; done
cat /dev/zero >"$T/small/full" 2>/dev/null
exits 0 "what fills the disk can be stopped" small stop -t 1 w1
check "... and its restart policy is warned of" "$(cat "$T/err")" "~" 'could not be noted, the disk is full'
exits 0 "... and killed" small kill w2
check "... both have ended" "$(small ps -q | wc -l)" = 0
small rm -f w1 w2 >/dev/null
umount "$T/small"

for r in crun runc; do
	if needs $r; then
		check "--runtime $r" "$(mc run --rm --runtime $r busybox sh -c 'echo $$; exit 4'; echo $?)" = "1
4"
	else skip "--runtime $r" "$r is not installed (make peers)"; fi
done
if needs crun; then
	mc run -d --name foreign --runtime crun busybox sleep 1000 >/dev/null
	check "exec by crun" "$(mc exec foreign echo yes)" = yes
	exits 0 "rm -f by crun" mc rm -f foreign
else skip "exec by crun" "crun is not installed"; skip "rm -f by crun" "crun is not installed"; fi

if setpriv --reuid 12345 --regid 12345 --clear-groups unshare -Ur true 2>/dev/null; then
	mkdir "$T/home" "$T/home/run"; chmod 700 "$T/home/run"; chown -R 12345:12345 "$T/home"; chmod 755 "$T"
	# a run folder of the test's own: the default, /tmp/minictr-12345, would stay behind
	user() { env -u MINICTR_ROOT XDG_RUNTIME_DIR="$T/home/run" HOME="$T/home" setpriv --reuid 12345 --regid 12345 --clear-groups "$BIN/minictr" "$@"; }
	(cd / && user internal starter >/dev/null 2>&1)
	check "an ordinary user runs a container" "$(user run --rm --network none busybox id -u 2>&1)" = 0
	user run -d --name web busybox sleep 1000 >/dev/null 2>&1
	check "and works with it" "$(user exec web echo yes 2>&1)" = yes
	exits 0 "and removes it" user rm -f web
	user internal rootless-stop
else
	for n in "an ordinary user runs a container" "and works with it" "and removes it"; do skip "$n" "no user namespaces for ordinary users here"; done
fi
