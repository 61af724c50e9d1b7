#!/bin/sh
# exec: nothing of the host's crosses into the container, and what passes through the pump arrives whole; detached with a
# terminal; exit codes.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 || skip_all "needs python3"
starter_images
mc run -d --name web busybox sleep 1000 >/dev/null

# --- the caller's file and terminal stay outside ---
printf 'the host: keep\n' >"$T/log"; chmod 600 "$T/log"
mc exec web sh -c 'chmod 666 /proc/self/fd/1; : >/proc/self/fd/1; echo program' >>"$T/log" 2>/dev/null </dev/null
check "exec >>log: the program can neither empty nor chmod the file" "$(stat -c %a "$T/log") $(cat "$T/log")" = "600 the host: keep
program"
links='for i in 0 1 2; do readlink /proc/self/fd/$i; done'
mc exec -i web sh -c "$links >&2" <"$T/log" >"$T/links" 2>>"$T/links"
check "what it has are pipes" "$(grep -c pipe: "$T/links")" = 3
check "of a terminal, too" "$(python3 - "$BIN/minictr" <<'P'
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], ["minictr", "exec", "web", "sh", "-c", "for i in 0 1 2; do [ ! -t $i ] || echo host; done; echo end"])
out = b""
try:
    while True:
        b = os.read(fd, 4096)
        if not b: break
        out += b
except OSError: pass
os.waitpid(pid, 0)
print(out.decode().strip())
P
)" = end
same='[ "$(stat -L -c %d:%i /proc/self/fd/0)" = "$(stat -c %d:%i /dev/null)" ] && echo own || echo foreign'
check "exec without -i: its stdin is the container's own null device" "$(mc exec web sh -c "$same")" = own
mc exec -d web sh -c "{ $same; } >/tmp/d 2>&1"; eventually 5 mc exec web test -s /tmp/d
check "exec -d: likewise" "$(mc exec web cat /tmp/d)" = own
mc run -d --name own --health-cmd "{ $same; } >/tmp/h 2>&1" --health-interval 100ms busybox sh -c "{ $same; } >/tmp/r; sleep 1000" >/dev/null
eventually 10 mc exec own test -s /tmp/h
check "run -d and a health check: likewise" "$(mc exec own cat /tmp/r /tmp/h | sort -u)" = own
mc rm -f own >/dev/null

# --- groups: the primary one is a supplementary one, too (CVE-2022-36109) ---
groups() { mc run --rm "$@" busybox awk '/^Groups/ {$1 = ""; print}' /proc/self/status | tr -d '\n'; }
check "-u 1234: group 0" "$(groups -u 1234)" = " 0"
check "-u 1234:5678" "$(groups -u 1234:5678)" = " 5678"
check "--group-add comes on top" "$(groups -u 1234:5678 --group-add 7)" = " 7 5678"
check "exec -u: likewise" "$(mc exec -u 1234:5678 web awk '/^Groups/ {print $2, $3}' /proc/self/status)" = "5678 "

# --- the pump ---
head -c 3000000 /dev/urandom >"$T/big"
mc exec -i web cat <"$T/big" >"$T/back"; check "three megabytes there and back" "$(cmp "$T/big" "$T/back" && echo same)" = same
check "stdout and stderr stay apart" "$(mc exec web sh -c 'echo out; echo err >&2' 2>/dev/null)" = out
check "a reader that leaves ends the program" "$(mc exec web yes 2>/dev/null | head -1)" = y
check "input that nobody reads does not hold exec up" "$(yes | timeout 10 "$BIN/minictr" exec -i web head -1; echo $?)" = "y
0"
check "a process left in the background does not hold exec up" "$(timeout 10 "$BIN/minictr" exec web sh -c 'sleep 60 & echo bg')" = bg
check "without -i it reads nothing" "$(echo secret | mc exec web cat)" = ""

# --- detached with a terminal ---
exits 0 "exec -dt" mc exec -dt web sh -c 'tty >/tmp/t1; sleep 60'
exits 0 "exec -dit" mc exec -dit web sh -c 'tty >/tmp/t2; stty size >/tmp/t3; sleep 60'
eventually 5 mc exec web test -s /tmp/t2
check "both have a terminal of the container's" "$(mc exec web cat /tmp/t1 /tmp/t2 | grep -c '^/dev/pts/')" = 2
check "and live on" "$(mc exec web ps | grep -c 'sleep 60')" -ge 2

# --- exit codes ---
exits 7 "the program's own" mc exec web sh -c 'exit 7'
exits 7 "with a terminal" mc exec -t web sh -c 'exit 7'
exits 127 "not found" mc exec web nosuch
exits 127 "not found, with a terminal" mc exec -t web nosuch
check "... and the reason is told" "$(cat "$T/err")" "~" 'nosuch.*not found'
exits 127 "not found, detached" mc exec -d web nosuch
exits 126 "a user that is not there" mc exec -u nosuch web true
exits 1 "no such container" mc exec nosuch true
mc rm -f web >/dev/null
plan "$N"
