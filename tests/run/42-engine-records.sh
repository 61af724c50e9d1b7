#!/bin/sh
# What is written can be read and removed: large records, strings that are not UTF-8, damaged records, trees of any depth.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 || skip_all "needs python3"
starter_images
left() { ls "$T/root/containers" "$T/root/names" | grep -vc ':$\|^$'; }

# --- one limit for writer and reader ---
python3 -c 'for i in range(20000): print("label.%d=%s" % (i, "x" * 200))' >"$T/labels"
exits 0 "20,000 labels: create" mc create --name large --label-file "$T/labels" busybox true
check "the container is listed" "$(mc ps -a --format '{{.Names}}')" = large
exits 0 "it runs" mc start -a large
check "it can be inspected" "$(mc inspect -f '{{len .Config.Labels}}' large)" = 20000
exits 0 "it can be removed" mc rm large
python3 -c 'for i in range(60000): print("label.%d=%s" % (i, "x" * 200))' >"$T/labels"
exits 1 "60,000 labels are too many" mc create --name large --label-file "$T/labels" busybox true
check "the sentence says how many bytes, and what to do" "$(cat "$T/err")" "~" "at most [0-9]+ can be read again"
check "nothing is left of it" "$(left)" = 0

# --- bytes that JSON cannot keep: refused where they are written, by their place ---
BAD=$(printf 'a\377b')
no() { # WHAT WORDS...
	what=$1; shift; timeout 10 "$BIN/minictr" create "$@" >"$T/out" 2>"$T/err"; rc=$?
	check "$what that is not UTF-8 is refused" "$rc $(cat "$T/err")" "~" "^(1|125) .*(UTF-8|nvalid)"
}
no "an argument" busybox echo "$BAD"
no "a variable" -e "X=$BAD" busybox true
no "a variable's name" -e "$BAD=x" busybox true
no "a working directory" -w "/$BAD" busybox true
no "a label" -l "x=$BAD" busybox true
no "a label's key" -l "$BAD=x" busybox true
no "a volume" -v "/tmp:/$BAD" busybox true
no "an entry point" --entrypoint "$BAD" busybox
no "a host name" --hostname "$BAD" busybox true
no "a user" -u "$BAD" busybox true
no "a surrogate half" busybox echo "$(printf '\355\240\200')"
no "an overlong character" busybox echo "$(printf '\300\257')"
check "nothing is left of them" "$(left)" = 0
check "what is UTF-8 arrives" "$(mc run --rm -e A=ä busybox sh -c 'echo $A €')" = "ä €"
mc run -d --name up busybox sleep 1000 >/dev/null
exits 1 "exec: an argument" mc exec up echo "$BAD"
check "... says which" "$(cat "$T/err")" "~" "args\[1\].*UTF-8"
mc rm -f up >/dev/null

# --- damaged records: listed, and removed by name, id and prune ---
damage() { id=$(mc create --name "$1" busybox true); printf '%s' "$2" >"$T/root/containers/$id/$3"; }
damage d1 '{"Name":"d1","Ima' container.json; d1=$id
damage d2 '' container.json
damage d3 '[1]' container.json; d3=$id
damage d4 '{"Name":7}' container.json
damage d5 'x' state.json
check "all are listed, by name" "$(mc ps -a --format '{{.Names}}' | sort | tr '\n' ' ')" = "d1 d2 d3 d4 d5 "
check "as damaged" "$(mc ps -a --format '{{.Status}}' | sort -u)" = "Dead (damaged record)"
exits 1 "inspect says why" mc inspect d1
check "... the file and place, and what to do" "$(cat "$T/err")" "~" "container.json:1.*|rm -f"
exits 0 "rm -f by name" mc rm -f d1
exits 0 "rm by name" mc rm d2
exits 0 "rm -f by the beginning of the id" mc rm -f "$(echo "$d3" | cut -c1-12)"
exits 0 "prune takes the others" mc container prune -f
check "nothing is left" "$(left)" = 0
exits 0 "the name is free again" mc create --name d1 busybox true
mc rm d1 >/dev/null
id=$(mc run -d --name live busybox sleep 4321); pid=$(mc inspect -f '{{.State.Pid}}' live)
echo damaged >"$T/root/containers/$id/container.json"; cp "$T/root/containers/$id/container.json" "$T/root/containers/$id/state.json"
exits 0 "one whose process runs is ended and removed, though neither file can be read" mc rm -f live
check "its process is gone" "$(ls -d "/proc/$pid" 2>/dev/null)" = ""
check "nothing is left of it" "$(left)" = 0

# --- a fifo in the place of a file of ours: its open waits for a writer, with the locks that the command holds ---
for f in container.json state.json config.json; do
	id=$(mc run -d --name "fifo-$f" busybox sleep 4321); rm "$T/root/containers/$id/$f"; mkfifo "$T/root/containers/$id/$f"
	exits 0 "$f is a fifo: ps" timeout 20 "$BIN/minictr" ps -a
	exits 0 "... another container runs" timeout 20 "$BIN/minictr" run --rm busybox true
	exits 0 "... rm -f" timeout 20 "$BIN/minictr" rm -f "fifo-$f"
	check "... nothing is left" "$(left)" = 0
done

# --- 3,000 nested directories: more than descriptors, or bytes in a path ---
id=$(mc create --name deep busybox true)
python3 - "$T/root/containers/$id/upper" <<'P'
import os, sys
os.chdir(sys.argv[1])
for i in range(3000):
    os.mkdir("dddddddd"); os.chdir("dddddddd"); open("file", "w").close()
P
exits 0 "a tree of any depth is removed" mc rm deep
check "no part of it stays behind" "$(ls "$T/root/containers")" = ""
plan "$N"
