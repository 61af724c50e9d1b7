#!/bin/sh
# logs: bytes arrive as they were written, a long line is one line, --tail counts lines of both streams.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 || skip_all "needs python3"
starter_images
sum() { md5sum | cut -c1-32; }

# Programs write; what `run` printed is what `logs` prints.
cat >"$T/write.py" <<'P'
import sys
w = sys.stdout.buffer
w.write(b"one\n\0two\0\nthree \\n \\\\n\n")
w.write("é".encode() * 20000 + b"\n")
w.write(b"a" * 16383 + "€".encode() + b"\n" + b"b" * 16382 + "\U0001F600".encode() + b"\n")
w.write(b"c" * 16384 + b"\n" + b"d" * 32768 + b"\n" + b"no newline at the end \\n")
P
python3 "$T/write.py" >"$T/all"
mc run --name all -v "$T/all:/all:ro" busybox cat /all >"$T/out"
check "run prints all bytes" "$(sum <"$T/out")" = "$(sum <"$T/all")"
check "logs, too: NUL, backslashes, characters that lie across 16 KiB" "$(mc logs all | sum)" = "$(sum <"$T/all")"
for n in 0 1 2 3 4 5 6 7 8 9 10 11 50; do
	[ "$(mc logs --tail $n all | sum)" = "$(tail -n $n "$T/all" | sum)" ] || bad="${bad-} $n"
done
check "--tail gives what tail(1) gives, from 0 to more than there are" "${bad-}" = ""

# Two streams that take turns: a line is one line, whatever the other stream says meanwhile.
head -c 40000 /dev/zero | tr '\0' x >"$T/long"
mc run --name two -v "$T/long:/l:ro" busybox sh -c 'echo e1 >&2; cat /l; sleep 0.2; echo e2 >&2; sleep 0.2; echo; sleep 0.2; echo e3 >&2' >/dev/null 2>&1
check "the last two lines: e3, and the whole long one" "$(mc logs --tail 2 two 2>/dev/null | wc -c) $(mc logs --tail 2 two 2>&1 >/dev/null)" = "40001 e3"
check "the last three: e2, too" "$(mc logs --tail 3 two 2>&1 >/dev/null | tr '\n' ' ')" = "e2 e3 "
check "the last one" "$(mc logs --tail 1 two 2>&1)" = e3

# Rotated files are one log.
mc run --name rot --log-opt max-size=10k --log-opt max-file=5 busybox seq 1 300 >/dev/null
check "--tail over several files" "$(mc logs --tail 250 rot | sed -n '1p;$p' | tr '\n' ' ')" = "51 300 "
mc run -d --name ff busybox sh -c 'echo a; echo b; while [ ! -e /go ]; do sleep 0.05; done; echo c' >/dev/null
eventually 5 sh -c "'$BIN/minictr' logs ff | grep -q b"
mc logs -f --tail 1 ff >"$T/follow" & p=$!
eventually 5 grep -q b "$T/follow"; mc exec ff touch /go; wait $p
check "--tail 1 -f: the last line and what comes" "$(tr '\n' ' ' <"$T/follow")" = "b c "
mc rm -f all two rot ff >/dev/null
plan "$N"
