#!/bin/sh
# explain: every step is on the page about explain, formats, live steps with -t.
. "$(dirname "$0")/lib.sh"
need_root
starter_images
named() { sed -n 's/^\[[ 0-9/]*\] \([a-z]*\): .*(\([a-z._]*\), tutorial [0-9]*)$/\1 \2/p'; }

# The order of the steps, and the table of all of them: 27-explain-steps.sh.
mc explain -v run --rm --memory 64m hello >"$T/run" 2>&1

mc run -d --name web busybox sleep 1000 >/dev/null
mc explain -v exec web true >"$T/exec" 2>&1
mc explain -v stop -t 0 web >"$T/stop" 2>&1
mc explain -v rm web >"$T/rm" 2>&1
check "exec is told too" "$(cat "$T/exec")" "~" 'namespace.join'
missing=""
for id in $(cat "$T/run" "$T/exec" "$T/stop" "$T/rm" | named | cut -d' ' -f2 | sort -u); do
	grep -q "^| .$id. | " "$HERE/tutorial/explain.md" || missing="$missing $id"
done
check "every step told is on the page about explain" "$missing" = ""
listed=""
for id in $(sed -n 's/^| `\([a-z]*\.[a-z_]*\)` |.*/\1/p' "$HERE/tutorial/explain.md"); do
	grep -rqF "\"$id\"" "$HERE"/minictr --include='*.c' || listed="$listed $id"
done
check "every step on the page is in the source" "$listed" = ""

MINICTR_EXPLAIN=2:2:1 mc run --rm hello 2>"$T/json" >/dev/null
check "JSON lines" "$(jq -r 'select(.step == "rootfs.pivot") | .who' <"$T/json")" = "init"
check "one object a line, of several processes" "$(jq -r .who <"$T/json" | sort -u | tr '\n' ' ')" = "init minictr monitor oci "
check "--debug is the same stream" "$(mc --debug run --rm hello 2>&1 >/dev/null)" "~" '^   init +pivot_root'
check "the container sees neither variable nor descriptor" "$(MINICTR_EXPLAIN=2:2:1 mc run --rm busybox sh -c 'env; ls /proc/self/fd' 2>/dev/null | grep -c 'EXPLAIN\|^[4-9]$\|^1[0-9]')" -eq 0

cat >"$T/narrow.py" <<'P'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    sys.stdin.readline()
    os.execv(os.environ["BIN"] + "/minictr", ["minictr", "explain", "--all", "run", "--rm", "hello"])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
os.write(fd, b"\n")
out = b""
try:
    while True:
        b = os.read(fd, 4096)
        if not b: break
        out += b
except OSError: pass
os.waitpid(pid, 0)
lines = out.decode().splitlines()
print(max(map(len, lines)) <= 80, sum(l.startswith(" " * 30) for l in lines) > 5, "rootfs" in out.decode() or len(lines) > 20)
P
check "a narrow terminal gets narrow lines, the rest indented" "$(python3 "$T/narrow.py")" = "True True True"
check "a pipe gets one line a step" "$(mc explain --all run --rm hello | grep -c '^ ')" -eq 0
cat >"$T/term.py" <<'P'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(os.environ["BIN"] + "/minictr", ["minictr", "explain", "run", "-t", "--rm", "busybox", "echo", "the program"])
out = b""
try:
    while True:
        b = os.read(fd, 4096)
        if not b: break
        out += b
except OSError: pass
_, st = os.waitpid(pid, 0)
print(os.WEXITSTATUS(st), b"pivot_root" in out, b"the program" in out)
P
check "with a terminal steps come as they happen" "$(python3 "$T/term.py")" = "0 True True"
plan "$N"
