#!/bin/sh
# What a docker user types all day: flags, columns, -q, --filter, --format, exit codes, several at once.
. "$(dirname "$0")/lib.sh"
need_root
starter_images

# exit codes
exits 0 "run hello" mc run --rm hello; check "its words" "$(cat "$T/out")" "~" '^Hello, .* I am process 1 of'
exits 7 "the program's own exit code" mc run --rm busybox sh -c 'exit 7'
exits 127 "a program that is not there" mc run --rm busybox nosuch
exits 126 "a program that cannot be executed" mc run --rm busybox /etc/passwd
exits 143 "ended by a signal: 128+n (below an init: process 1 would ignore it)" mc run --rm --init busybox sh -c 'kill -TERM $$; sleep 5'
exits 125 "an image that is nowhere" env https_proxy=http://127.0.0.1:1 "$BIN/minictr" run --rm nosuch.invalid/x
check "docker's words about it" "$(cat "$T/err")" "~" "Unable to find image 'nosuch.invalid/x:latest' locally"
exits 125 "--pull never of a missing image" mc run --pull never nosuch
exits 1 "-it without a terminal" mc run -it --rm busybox true
check "nothing is left of them" "$(mc ps -aq)" = ""

# a program that no signal reaches (process 1 without a handler) does not hold the person who started it
"$BIN/minictr" run --name deaf busybox sleep 1000 >/dev/null 2>"$T/err" & run=$!
eventually 10 sh -c "$BIN/minictr ps -q --filter name=deaf | grep -q ."; sleep 0.3
for i in 1 2 3; do kill -TERM "$run"; sleep 0.2; done
wait "$run"; check "the third signal lets go" $? -eq 143
check "the first says why nothing happens" "$(cat "$T/err")" "~" 'process 1 in there and handles no SIGTERM'
check "the container runs on" "$(mc ps --format '{{.Names}}')" = "deaf"
mc rm -f deaf >/dev/null

# environment
check "-e NAME takes the client's value" "$(ZAUBER=42 mc run --rm -e ZAUBER -e B=x busybox sh -c 'echo $ZAUBER$B')" = "42x"
check "-e NAME unset carries nothing" "$(mc run --rm -e NOT_SET_HERE busybox sh -c 'echo "${NOT_SET_HERE-none}"')" = "none"
printf '# words\nA=1\nB=from file\n' >"$T/env"
check "--env-file, and -e wins" "$(mc run --rm --env-file "$T/env" -e A=2 busybox sh -c 'echo $A,$B')" = "2,from file"

# ps
mc run -d --name web --label tier=front --memory 64m busybox sleep 1000 >"$T/id"
mc run -d --name db --label tier=back busybox sleep 1000 >/dev/null
mc create --name made busybox true >/dev/null
mc run --name done busybox sh -c 'echo out; echo err >&2; exit 3' >/dev/null 2>&1
check "ps shows the running ones, newest first" "$(mc ps --format '{{.Names}}' | tr '\n' ' ')" = "db web "
check "ps -a shows all" "$(mc ps -a --format '{{.Names}}' | tr '\n' ' ')" = "done made db web "
check "headings" "$(mc ps | head -1 | tr -s ' ')" = "CONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES"
check "-q prints short ids" "$(mc ps -q --filter name=web)" = "$(cut -c1-12 "$T/id")"
check "-q --no-trunc prints whole ids" "$(mc ps -q --no-trunc --filter name=web)" = "$(cat "$T/id")"
check "--filter status" "$(mc ps --filter status=exited --format '{{.Names}}')" = "done"
check "--filter exited" "$(mc ps --filter exited=3 -q | wc -l)" -eq 1
check "--filter label" "$(mc ps --filter label=tier=back --format '{{.Names}}')" = "db"
check "--filter ancestor" "$(mc ps -a --filter ancestor=busybox -q | wc -l)" -eq 4
check "--filter since" "$(mc ps -a --filter since=db --format '{{.Names}}' | tr '\n' ' ')" = "done made "
check "filters of one key are alternatives, of two both" "$(mc ps -a --filter name=web --filter name=db --filter label=tier=back --format '{{.Names}}')" = "db"
check "-l" "$(mc ps -lq | wc -l)" -eq 1
check "-n 2" "$(mc ps -n 2 --format '{{.Names}}' | tr '\n' ' ')" = "done made "
check "--format json is JSON" "$(mc ps --filter name=web --format json | jq -r '.Names + " " + .State')" = "web running"
check "table template" "$(mc ps --filter name=web --format 'table {{.Names}}\t{{.Image}}' | tr -s ' ')" = "NAMES IMAGE
web busybox"
check "-s" "$(mc ps -s --filter name=web | tail -1)" "~" 'B \(virtual .*B\)'
check "Exited (3)" "$(mc ps -a --filter name=done --format '{{.Status}}')" "~" '^Exited \(3\)'
exits 1 "an unknown filter" mc ps --filter nme=x

# inspect, logs, exec and the rest
check "inspect by a template" "$(mc inspect --format '{{.State.Status}} {{.HostConfig.Memory}} {{index .Config.Labels "tier"}}' web)" = "running 67108864 front"
check "inspect by short id is JSON" "$(mc inspect "$(cut -c1-6 "$T/id")" | jq -r '.[0].Name')" = "/web"
check "inspect of an image" "$(mc inspect --format '{{json .Config.Cmd}}' busybox)" = '["sh"]'
exits 1 "inspect of nothing" mc inspect web nosuch
check "what is there is shown, the rest said" "$(jq length <"$T/out") $(cat "$T/err")" "~" '^1 .*No such object: nosuch'
check "the picture in a pipe is ASCII" "$(mc inspect --tree web | grep -c '^|- \|^`- ')" -ge 6
check "ns diff" "$(mc ns diff web host | awk '$1 == "pid" {print $4} $1 == "user" {print $4}' | tr '\n' ' ')" = "different shared "
check "logs: stdout" "$(mc logs done 2>/dev/null)" = "out"
check "logs: stderr" "$(mc logs done 2>&1 >/dev/null)" = "err"
check "logs --tail 1 -t" "$(mc logs --tail 1 -t done 2>&1)" "~" '^20[0-9-]*T.*Z (out|err)$'
exits 5 "exec's exit code" mc exec web sh -c 'exit 5'
check "exec -w -u -e" "$(mc exec -w /tmp -u 33:33 -e X=y web sh -c 'echo $(pwd) $(id -u):$(id -g) $X')" = "/tmp 33:33 y"
exits 1 "exec in a stopped one" mc exec done true
check "top's columns are as wide as docker's" "$(mc top web -o pid,args | head -1)" = "PID                 COMMAND"
check "top" "$(mc top web -o pid,args | tail -1)" "~" 'sleep 1000'
check "stats --no-stream" "$(mc stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' web)" "~" '^web .* / 64MiB 1$'
mc exec web sh -c 'echo x >/tmp/new; rm /etc/shadow'
check "diff" "$(mc diff web | tr '\n' ' ')" = "C /etc D /etc/shadow C /tmp A /tmp/new "
mc stop -t 0 web nosuch db >"$T/out" 2>"$T/err"; check "several at once: status 1 when one is not there" $? -eq 1
check "names of what worked" "$(sort "$T/out" | tr '\n' ' ')" = "db web "
check "and the error of the other" "$(cat "$T/err")" "~" 'No such container: nosuch'
check "start" "$(mc start web)" = "web"
mc run -d --name slow1 busybox sh -c 'trap "" TERM; while :; do sleep 1; done' >/dev/null
mc run -d --name slow2 busybox sh -c 'trap "" TERM; while :; do sleep 1; done' >/dev/null
start=$(date +%s); mc stop -t 3 slow1 slow2 >/dev/null; check "several are stopped at once, not one after another" $(($(date +%s) - start)) -lt 6
mc rm slow1 slow2 >/dev/null
check "pause is shown" "$(mc pause web >/dev/null; mc ps --filter name=web --format '{{.Status}}')" "~" 'Paused'
mc unpause web >/dev/null
# "update" says what "run" says: the same shares and the same quota, whichever came last
figures() { find /sys/fs/cgroup -type d -path "*$1*" -exec sh -c 'for d; do for f in cpu.shares cpu.weight cpu.cfs_quota_us cpu.cfs_period_us cpu.max; do [ ! -f "$d/$f" ] || echo "$f $(cat "$d/$f")"; done; done' sh {} + | sort; }
a=$(mc run -d --cpu-shares 512 --cpu-quota 20000 --cpu-period 50000 busybox sleep 60); b=$(mc run -d busybox sleep 60)
mc update --cpu-shares 512 --cpu-quota 20000 --cpu-period 50000 "$b" >/dev/null
check "cpu limits of update are those of run" "$(figures "$b")" = "$(figures "$a")"
mc update --cpu-quota=-1 "$b" >/dev/null
check "update --cpu-quota -1 lifts it" "$(figures "$b")" "~" 'cpu.cfs_quota_us -1|cpu.max max 50000'
mc rm -f "$a" "$b" >/dev/null
a=$(mc run -d --cpus 0.25 busybox sleep 60); b=$(mc run -d busybox sleep 60); mc update --cpus 0.25 "$b" >/dev/null
check "update --cpus is run --cpus" "$(figures "$b")" = "$(figures "$a")"
check "... a quarter of a processor" "$(figures "$b")" "~" 'cpu.cfs_quota_us 25000|cpu.max 25000 100000'
mc rm -f "$a" "$b" >/dev/null
check "rename" "$(mc rename web web2; mc ps --format '{{.Names}}')" = "web2"
check "kill and wait" "$(mc kill web2 >/dev/null; mc wait web2)" = "137"
check "update" "$(mc update --memory 128m web2; mc inspect --format '{{.HostConfig.Memory}}' web2)" = "web2
134217728"
check "events" "$(mc events --since 10m --until 0s --filter container=web2 --filter event=die --format '{{.Actor.Attributes.exitCode}}' | tail -1)" = "137"
mc tag busybox evented:1; mc rmi evented:1 >/dev/null
check "events of images" "$(mc events --since 10m --until 0s --filter type=image --filter image=evented:1 --format '{{.Action}}' | tr '\n' ' ')" = "tag untag "
check "events: the Go names of the documentation" "$(mc events --since 10m --until 0s --filter container=web2 --filter event=die --format '{{.Type}} {{.Status}} {{.From}}' | tail -1)" = "container die busybox"
mc create --name labelled -l a=b -l c.d=e busybox >/dev/null
check "{{.Label}}" "$(mc ps -a --filter name=labelled --format '{{.Label "c.d"}}{{.Label "none"}}{{.Label "a"}}')" = "eb"
mc rm labelled >/dev/null
exits 125 "an image of another platform is not taken silently" mc run --rm --platform linux/s390x busybox true
exits 0 "the platform it has is" mc run --rm --platform "$(mc inspect -f '{{.Os}}/{{.Architecture}}' busybox)" busybox true
exits 1 "ps: a state there is not" mc ps --filter status=sleepy
exits 1 "events: a filter it does not know" mc events --since 10m --until 0s --filter colour=red
check "columns as docker's: ten wide at least" "$(mc images | head -1)" "~" '^REPOSITORY   TAG       IMAGE ID       CREATED +SIZE$'
check "inspect: four spaces, [] for nothing" "$(mc inspect web2 | sed -n '/^        "Id"/p; /"Ulimits": \[\]/p' | wc -l)" -eq 2
mc start web2 >/dev/null; exits 127 "exec -w of what is not there" mc exec -w /not/there web2 pwd; mc kill web2 >/dev/null
for wrong in bogus=1 nofile=many nofile=20:10; do exits 125 "run --ulimit $wrong" mc run --rm --ulimit "$wrong" busybox true; done
exits 125 "a name for the host's UTS namespace" mc run --rm --uts host -h x busybox true
exits 1 "start -a of what is not there" mc start -a nosuch
echo x >"$T/f"
exits 1 "cp into no directory" mc cp "$T/f" web2:/no/f; check "names it" "$(cat "$T/err")" = "minictr: Could not find the file /no in container web2"
mc run -d --name cc -t busybox sh -c 'trap "exit 3" INT; while :; do sleep 0.1; done' >/dev/null
(exec timeout -s INT -k 20 3 "$BIN/minictr" --root "$MINICTR_ROOT" attach --no-stdin cc) >/dev/null 2>&1
check "Ctrl-C goes through a terminal without -i" "$(timeout 5 "$BIN/minictr" --root "$MINICTR_ROOT" wait cc)" = "3"
mc rm -f cc >/dev/null
check "system df" "$(mc system df --format '{{.Type}} {{.TotalCount}}' | head -2 | tr '\n' ' ')" = "Images 2 Containers 4 "
mc container prune </dev/null >"$T/out"; check "prune without an answer removes nothing" "$(mc ps -aq | wc -l)" -eq 4
check "it asks in a pipe, too" "$(cat "$T/out")" "~" 'continue\? \[y/N\]'
check "container prune -f asks nobody" "$(mc container prune -f | grep -c '^[0-9a-f]\{64\}$')" -eq 4
check "nothing left" "$(mc ps -aq)" = ""
exits 0 "info --format" mc info --format '{{.ContainersRunning}} {{.Images}}'
check "counts" "$(cat "$T/out")" = "0 2"

# explain
mc explain run --rm hello >"$T/explain"
check "explain: eight steps are what a container is made of" "$(grep -c '^\[ *[0-9]/8\] ' "$T/explain") $(tail -1 "$T/explain")" "~" '^8 \(8 of [0-9]+ steps; '
mc explain --all run --rm hello >"$T/explain"
check "explain: steps are numbered to the last" "$(grep -c '^\[ *[0-9]*/[0-9]*\] ' "$T/explain")" -ge 15
check "explain: the call, why, the chapter" "$(grep pivot_root "$T/explain")" "~" 'pivot_root\("\.", "\."\) = 0 .* tutorial 1$'
check "explain: the program's words come behind the steps" "$(awk '/^Hello/ {h=NR} /clone3/ {c=NR} END {print (h > c)}' "$T/explain")" -eq 1
check "explain -v: every call" "$(mc explain -v run --rm hello | grep -c '^        init ')" -gt 30
check "explain keeps the exit code" "$(mc explain run --rm busybox sh -c 'exit 9' >/dev/null; echo $?)" -eq 9
check "explain --dry-run acts not" "$(mc explain --dry-run run --name ghost --memory 64m busybox | grep -c 67108864; mc ps -aq)" "~" '^[1-9]$'
plan "$N"
