#!/bin/sh
# 44-engine-terminal.sh - terminals: run -it, exec -it, attach, detach keys, window size, several clients at once.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 || skip_all "python3 is not installed"
plan 17
starter_images
on_tty() { python3 "$HERE/tests/run/terminal.py" 33 99 "$@"; }
M=$BIN/minictr

on_tty 'expect:# ' 'send:tty; stty size\n' 'expect:33 99' 'size:40x120' 'sleep:0.3' 'send:stty size\n' 'expect:40 120' \
	'send:exit 5\n' -- "$M" run -it --rm --name tty1 busybox sh >"$T/out"
check "run -it: a terminal, its size, a resize, the exit code" $? -eq 5
check "it is one of the container's own" "$(cat "$T/out")" "~" '/dev/(pts/0|console)'
on_tty 'expect:# ' 'send:stty -a | head -1; cat\n' 'sleep:0.5' 'send:\x03' 'expect:# ' 'send:exit 0\n' -- "$M" run -it --rm busybox sh >/dev/null
check "Ctrl-C goes to the program inside" $? -eq 0
on_tty 'expect:# ' 'send:X=42\n' 'expect:# ' 'send:\x10\x11' -- "$M" run -it --name held busybox sh >/dev/null
check "the detach keys end the command, not the container" "$? $(mc inspect -f '{{.State.Status}}' held)" = "0 running"
on_tty 'sleep:0.3' 'send:echo got $X\n' 'expect:got 42' 'send:\x10\x11' -- "$M" attach held >/dev/null
check "attach goes on where it was left" $? -eq 0
on_tty 'sleep:0.3' 'send:\x10' 'send:echo via p\n' 'expect:via p' 'send:ab' -- "$M" attach --detach-keys a,b held >/dev/null
check "other detach keys" $? -eq 0
on_tty 'sleep:0.2' 'expect:from two' 'send:\x10\x11' -- "$M" attach held >"$T/one" &
first=$!
sleep 0.6
on_tty 'sleep:0.3' 'send:echo from two\n' 'expect:from two' 'send:\x10\x11' -- "$M" attach held >"$T/two"
check "two clients at once: the second" $? -eq 0
wait $first
check "two clients at once: the first sees it too" $? -eq 0
on_tty 'expect:# ' 'send:tty; stty size\n' 'expect:33 99' 'send:exit 4\n' -- "$M" exec -it held sh >/dev/null
check "exec -it" $? -eq 4
exits 1 "-it without a terminal is refused" mc exec -it held sh
check "and says how" "$(cat "$T/err")" "~" 'not a TTY'
mc rm -f held >/dev/null

# without a terminal: signals of the command go to the program
"$M" run --name sig busybox sh -c 'trap "echo caught; exit 8" TERM; echo ready; while :; do sleep 0.1; done' >"$T/out" &
p=$!
ready() { grep -q ready "$T/out"; }
eventually 5 ready; kill -TERM $p; wait $p
check "sig-proxy: the program hears TERM, we get its code" $? -eq 8
check "and its last words" "$(tail -1 "$T/out")" = caught
mc rm sig >/dev/null
"$M" run --name slow busybox sh -c 'i=0; while [ $i -lt 20000 ]; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; i=$((i+1)); done; echo end' | { sleep 1; wc -l >"$T/n"; }
check "a slow reader loses nothing" "$(cat "$T/n")" -eq 20001
check "nor does the log" "$(mc logs slow | wc -l)" -eq 20001
mc rm slow >/dev/null
mc run -d --name quiet busybox sh -c 'head -c 5000000 /dev/zero; echo; echo done; sleep 100' >/dev/null
said() { mc logs --tail 1 quiet | grep -q done; }
if eventually 10 said; then ok "nobody reads: the program is not held up"; else not_ok "nobody reads: the program is not held up"; fi
mc rm -f quiet >/dev/null
mc run -d --name rot --log-opt max-size=20k --log-opt max-file=2 busybox sh -c 'i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done' >/dev/null
mc wait rot >/dev/null
check "logs rotate and stay readable" "$(mc logs --tail 1 rot) $(ls "$T"/root/containers/*/log* | wc -l) $(($(cat "$T"/root/containers/*/log* | wc -c) < 45000))" = "line 1999 2 1"
mc rm rot >/dev/null
