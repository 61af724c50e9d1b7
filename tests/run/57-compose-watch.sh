#!/bin/sh
# 57-compose-watch.sh - `compose watch`: a saved file is copied, the image rebuilt, the container restarted; what is ignored.
. "$(dirname "$0")/lib.sh"
need_root
plan 21
starter_images
ip link set lo up 2>/dev/null
mkdir -p "$T/p/src/sub" "$T/p/conf" "$T/p/first"; cd "$T/p" || exit 1
echo one >src/a; echo skip >src/a.log; echo v1 >conf/c; echo early >first/f
printf 'FROM busybox\nCOPY conf /conf\n' >Dockerfile
printf '*.tmp\n**/*.tmp\n' >.dockerignore
cat >compose.yaml <<'END'
name: edit
services:
  web:
    build: .
    command: sh -c 'echo started >>/log; exec sleep 1000'
    init: true
    stop_grace_period: 1s
    network_mode: none
    develop:
      watch:
        - {action: sync, path: ./src, target: /app/src, ignore: ["*.log"]}
        - {action: sync, path: ./first, target: /app/first, initial_sync: true}
        - {action: sync+restart, path: ./settings, target: /etc/settings}
        - {action: sync+exec, path: ./hook, target: /hook, exec: {command: "cp /hook /hooked", environment: {X: y}}}
        - {action: rebuild, path: ./conf}
END
dc() { "$BIN/minictr" compose "$@"; }
echo s0 >settings; echo h0 >hook
"$BIN/minictr" compose watch >"$T/log" 2>"$T/err" & W=$!; PIDS="$PIDS $W"
eventually 30 grep -q 'Watch enabled' "$T/log" || not_ok "it begins" "$(cat "$T/err")"
inside() { mc exec edit-web-1 "$@" 2>/dev/null; }
has() { [ "$(inside cat "$1")" = "$2" ]; }
same() { eventually 10 has "$2" "$3"; check "$1" "$(inside cat "$2")" = "$3"; }
check "initial_sync copies what is there" "$(inside cat /app/first/f)" = early
check "without it nothing is copied yet" "$(inside ls /app/src 2>&1 | wc -l)" -eq 0
echo two >src/a; same "a saved file is copied" /app/src/a two
mkdir -p src/sub/deep; echo deep >src/sub/deep/b; same "a file in a new directory" /app/src/sub/deep/b deep
echo x >src/x.log; echo y >src/y.tmp; echo z >src/.z.swp; printf 'q' >src/last; same "the last one" /app/src/last q
check "ignored: by the rule, by .dockerignore, an editor's own" "$(inside ls -A /app/src | tr '\n' ' ')" = "a last sub "
echo new >src/n; mv src/n src/a; same "an editor that replaces the file" /app/src/a new
rm -r src/sub; gone() { ! inside test -e /app/src/sub; }
eventually 10 gone; check "a removed directory goes" "$(inside ls /app/src | tr '\n' ' ')" = "a last "
check "no restart so far" "$(inside grep -c started /log)" -eq 1
echo s1 >settings; same "sync+restart of one file: copied" /etc/settings s1
again() { [ "$(inside grep -c started /log)" -ge 2 ]; }
eventually 10 again; check "... and restarted" "$(inside grep -c started /log)" -eq 2
echo h1 >hook; same "sync+exec: the command ran after the copy" /hooked h1
id=$(mc inspect -f '{{.Id}}' edit-web-1)
echo v2 >conf/c; same "rebuild: the new image's file" /conf/c v2
check "... in a new container" "$(mc inspect -f '{{.Id}}' edit-web-1)" != "$id"
kill -INT $W; wait $W; check "Ctrl-C ends it" $? -eq 130
check "the services go on" "$(dc ps -q | wc -l)" -eq 1
dc down >/dev/null 2>&1
# up --watch: the same loop beside the output
printf 'name: upw\nservices:\n  w: {image: busybox, init: true, command: "sh -c '"'"'echo from w; exec sleep 1000'"'"'", stop_grace_period: 1s, develop: {watch: [{action: sync, path: ./src, target: /s}]}}\n' >upw.yaml
"$BIN/minictr" compose -f upw.yaml up --watch >"$T/log" 2>"$T/err" & W=$!; PIDS="$PIDS $W"
eventually 20 grep -q 'Watch enabled' "$T/log"; echo up >src/w
upw() { [ "$(mc exec upw-w-1 cat /s/w 2>/dev/null)" = up ] && grep -q 'from w' "$T/log"; }
eventually 10 upw; check "up --watch: output and copies" "$(mc exec upw-w-1 cat /s/w)" = up
kill -INT $W; wait $W; check "Ctrl-C ends both" $? -eq 130
dc -f upw.yaml down >/dev/null 2>&1
bad() { printf 'services: {a: {image: x, develop: {watch: [%s]}}}\n' "$2" >bad.yaml; dc -f bad.yaml watch --no-up >/dev/null 2>"$T/err"; check "$1" "$(cat "$T/err")" "~" "$3"; }
bad "an unknown action is named" '{action: copy, path: ./src}' 'action "copy": there are sync'
bad "sync needs a target" '{action: sync, path: ./src}' 'needs a target'
printf 'services: {a: {image: x}}\n' >none.yaml
dc -f none.yaml watch >/dev/null 2>"$T/err"; check "nothing to watch is said" "$(cat "$T/err")" "~" 'none of the services is watched'
