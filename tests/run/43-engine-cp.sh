#!/bin/sh
# cp: what is there keeps its mode, links are followed inside the root and nowhere else, and a name that the container exchanges
# while it is read neither holds us nor opens a device.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 || skip_all "needs python3"
starter_images
mc run -d --name web busybox sh -c 'mkdir -p /tmp /data/dir /old; chmod 1777 /tmp; chmod 2750 /old; echo y >/data/dir/y; ln -s ../data/dir /data/rel; echo old >/file; ln -s /file /link; ln -s ../../../../new /dangling; ln -s /loop /loop; mkfifo /fifo; exec sleep 1000' >/dev/null
eventually 5 mc exec web test -p /fifo
in_() { mc exec web sh -c "$1"; }

# --- directories that are there ---
mkdir -m 700 "$T/conf" "$T/conf/old"; echo c >"$T/conf/c"; mkdir -m 1777 "$T/dir"
exits 0 "the content of a directory into /tmp" mc cp "$T/conf/." web:/tmp
check "no success line without a terminal" "$(cat "$T/err")" = ""
check "/tmp keeps its mode" "$(in_ 'stat -c %a /tmp; cat /tmp/c' | tr '\n' ' ')" = "1777 c "
mkdir "$T/up" && mkdir -m 700 "$T/up/old" && mc cp "$T/up/." web:/ >/dev/null 2>&1
check "a directory further down, too" "$(in_ 'stat -c %a /old')" = 2750
exits 0 "out of the container, into a directory of the host" mc cp web:/data/dir/. "$T/dir"
check "it keeps its mode" "$(stat -c %a "$T/dir")" = 1777
tar -C "$T/conf" -cf "$T/conf.tar" .; exits 0 "as a stream" sh -c "\"$BIN/minictr\" cp - web:/tmp <\"$T/conf.tar\""
check "/tmp keeps its mode" "$(in_ 'stat -c %a /tmp')" = 1777

# --- links ---
echo new >"$T/f"
mc cp "$T/f" web:/link; check "onto a link: what it points at is written, the link stays" "$(in_ 'cat /file; readlink /link' | tr '\n' ' ')" = "new /file "
mc cp "$T/f" web:/dangling; check "onto a dangling link: its target is made, inside the root" "$(in_ 'cat /new; readlink /dangling' | tr '\n' ' ')" = "new ../../../../new "
check "... and not on the host" "$(ls /new 2>/dev/null)" = ""
exits 0 "onto a link that leads to itself: it is replaced" timeout 10 "$BIN/minictr" cp "$T/f" web:/loop
mc cp web:/data/rel/ "$T/o1"; check "a source link with a slash is followed" "$([ -L "$T/o1" ] || cat "$T/o1/y")" = y
mc cp web:/data/rel "$T/o2"; check "without it is a link" "$(readlink "$T/o2")" = ../data/dir
mc cp web:/data/rel/ "$T/dir"; check "into a directory it has the name that was typed" "$(cat "$T/dir/rel/y")" = y
mc cp -L web:/link "$T/dir"; check "-L: likewise" "$(cat "$T/dir/link")" = new
ln -s "$T/f" "$T/hostlink"; mc cp web:/data/dir/y "$T/hostlink"
check "a link of the host is followed, too" "$(cat "$T/f") $(readlink "$T/hostlink")" = "y $T/f"

# --- names that are refused ---
exits 1 "an empty path is not the whole root" mc cp web: "$T/all"
check "... nothing was copied" "$(ls "$T/all" 2>/dev/null)" = ""
exits 1 "nor as a target" mc cp "$T/f" web:
exits 1 "a file of /proc" mc cp web:/proc/version "$T/v"
check "... in docker's words" "$(cat "$T/err")" "~" "Could not find the file /proc/version in container web"
exits 1 "/proc itself" mc cp web:/proc "$T/v"
exits 1 "a file of /sys" mc cp web:/sys/kernel/uevent_seqnum "$T/v"
exits 1 "into /proc" mc cp "$T/f" web:/proc/sys/kernel/domainname
exits 1 "a file as a directory" mc cp "$T/f" web:/file/
exits 1 "a directory onto a file" mc cp "$T/conf" web:/file
mknod "$T/null" c 1 3
for to in "web:/dev/null" "web:/dev/../dev/zero" "$T/null"; do
	from=web:/file; case $to in web:*) from=$HERE/README.md ;; esac
	exits 1 "a device is not replaced by a file: $to" mc cp "$from" "$to"
	check "... with that sentence" "$(cat "$T/err")" "~" "is a device"
done
check "... and is still one, here and there" "$(stat -c %F "$T/null") $(mc exec web stat -c %F /dev/null)" = "character special file character special file"
exits 0 "a fifo is copied as one" timeout 10 "$BIN/minictr" cp web:/fifo "$T/fifo"

# --- a name that is a file, a fifo and a device in turn: 20 reads of it, and none waits ---
pid=$(mc inspect -f '{{.State.Pid}}' web)
cat >"$T/swap.py" <<'P'
import os, sys
os.chdir(sys.argv[1])
os.mkfifo("pipe"); open("plain", "w").write("plain")
while os.path.exists("plain"):
    for name in ("pipe", "plain"):
        os.link(name, "next"); os.rename("next", "it")
        if os.path.exists("next"): os.unlink("next")
P
in_ 'mkdir /swap'; python3 "$T/swap.py" "/proc/$pid/root/swap" 2>/dev/null & swap=$!
eventually 5 test -e "/proc/$pid/root/swap/it"
i=0; hung=0; while [ $i -lt 20 ] && [ $hung = 0 ]; do i=$((i + 1)); timeout 5 "$BIN/minictr" cp web:/swap - >/dev/null 2>&1; [ $? -ne 124 ] || hung=1; done
check "cp does not hang" $hung = 0
i=0; hung=0; while [ $i -lt 10 ] && [ $hung = 0 ]; do i=$((i + 1)); timeout 5 "$BIN/minictr" cp web:/swap/it - >/dev/null 2>&1; [ $? -ne 124 ] || hung=1; done
check "nor of the name alone" $hung = 0
timeout 10 "$BIN/minictr" export web >"$T/export" 2>/dev/null; check "nor export" $? -ne 124
timeout 10 "$BIN/minictr" commit --pause=false web swapped >/dev/null 2>&1; check "nor commit" $? -ne 124
if needs curl; then
	background "$BIN/minictrd" -H "unix://$T/api.sock" 2>/dev/null; eventually 10 test -S "$T/api.sock"
	i=0; hung=0
	while [ $i -lt 10 ] && [ $hung = 0 ]; do
		i=$((i + 1))
		for m in "-I" "-XGET" "-XPUT --data-binary @$T/export"; do curl -s -m 10 -o /dev/null $m --unix-socket "$T/api.sock" "http://d/containers/web/archive?path=/swap/it"; [ $? -ne 28 ] || hung=1; done
	done
	check "nor an archive of the API: HEAD, GET, PUT" $hung = 0
	kill "$BG"; wait "$BG" 2>/dev/null
else skip "an archive of the API" "needs curl"; fi
in_ 'rm -f /swap/plain'; wait $swap
mc volume create kept >/dev/null; python3 "$T/swap.py" "$MINICTR_ROOT/volumes/kept/data" 2>/dev/null & swap=$!
eventually 5 test -e "$MINICTR_ROOT/volumes/kept/data/it"
i=0; hung=0
while [ $i -lt 10 ] && [ $hung = 0 ]; do
	i=$((i + 1))
	timeout 10 "$BIN/minictr" volume export -o "$T/kept.tar" kept >/dev/null 2>&1; [ $? -ne 124 ] || hung=1
	timeout 10 "$BIN/minictr" volume clone kept "clone$i" >/dev/null 2>&1; [ $? -ne 124 ] || hung=1
done
check "nor export and clone of a volume" $hung = 0
rm -f "$MINICTR_ROOT/volumes/kept/data/plain"; wait $swap
mc rm -f web >/dev/null
plan "$N"
