#!/bin/sh
# 57-compose-rows.sh - what users of compose trip over, row by row: recreation, sharing, anonymous volumes, one-offs, half-made projects;
# and a shop of four services that survives kill -9, scales to three, and goes without a trace.
. "$(dirname "$0")/lib.sh"
need_root
plan 68
starter_images
ip link set lo up 2>/dev/null
mkdir -p "$T/p"; cd "$T/p" || exit 1
dc() { "$BIN/minictr" compose "$@"; }
pid() { mc inspect -f '{{.State.Pid}}' "$1" 2>/dev/null; }
status() { mc inspect -f '{{.State.Status}}' "$1" 2>/dev/null; }
id() { mc inspect -f '{{.Id}}' "$1" 2>/dev/null; }
cat >rows.yaml <<'END'
name: r
services:
  a: {image: busybox, init: true, command: sleep 1000, volumes: [/anon], environment: {V: "${V:-1}"}}
  b: {image: busybox, init: true, command: sleep 1000, depends_on: {a: {condition: service_started, restart: true}}}
  p: {image: busybox, init: true, command: sleep 1000, depends_on: [a]}
  n: {image: busybox, init: true, command: sleep 1000, network_mode: "service:a"}
END
exits 0 "up" dc -f rows.yaml up -d
dc -f rows.yaml exec -T a sh -c 'echo kept >/anon/f'
b=$(pid r-b-1) p=$(pid r-p-1) n=$(id r-n-1) a=$(id r-a-1)
check "explain: recreated, restarted, kept, each with its reason" "$(V=2 dc -f rows.yaml explain | grep -v waits | sort | tr '\n' ';')" "~" 'keep +r-p-1: .*recreate +r-a-1: its conf.*recreate +r-n-1: a container that it shares.*restart +r-b-1: .*restart: true'
V=2; export V
exits 0 "up with one changed key" dc -f rows.yaml up -d
check "it is another container" "$(id r-a-1)" != "$a"
check "an anonymous volume moves to it" "$(dc -f rows.yaml exec -T a cat /anon/f)" = kept
check "restart: true restarts" "$(pid r-b-1)" != "$b"
since=$(date +%s.%N); dc -f rows.yaml restart -t 0 p 2>/dev/null
check "restart is an event" "$(mc events --since "$since" --until 0s -f type=container --format '{{.Action}} {{.Actor.Attributes.name}}' | grep -v '^kill' | tr '\n' ';')" = "die r-p-1;stop r-p-1;start r-p-1;restart r-p-1;"
p=$(pid r-p-1)
check "depends_on alone does not" "$(pid r-p-1)" = "$p"
check "who shares its network is made anew" "$(id r-n-1)" != "$n"
b=$(pid r-b-1) p=$(pid r-p-1)
exits 0 "restart of one service" dc -f rows.yaml restart -t 0 a
check "takes restart: true along, and no other" "$([ "$(pid r-b-1)" != "$b" ] && pid r-p-1)" = "$p"
V=3 dc -f rows.yaml up -dV >/dev/null 2>&1
check "-V: new anonymous volumes" "$(dc -f rows.yaml exec -T a ls /anon)" = ""
dc -f rows.yaml run -d a sleep 100 >/dev/null 2>&1
exits 0 "down leaves one-offs and what they use" dc -f rows.yaml down
check "... and says so" "$(cat "$T/err")" "~" 'Network r_default  Resource is still in use'
check "only the one-off is there" "$(mc ps --format '{{.Names}}')" "~" '^r-a-run-[0-9a-f]+$'
mc rm -f $(mc ps -aq) >/dev/null; exits 0 "down again" dc -f rows.yaml down -v
check "the network is gone" "$(mc network ls -q --filter label=com.docker.compose.project=r | wc -l)" -eq 0
# one host port for two: the second fails, and down clears what is half made
printf 'services: {p: {image: busybox, init: true, command: sleep 1000, ports: ["127.0.0.1:18777:80"], scale: 2}}\n' >port.yaml
exits 1 "two containers on one host port" dc -f port.yaml -p port up -d
check "... is said" "$(cat "$T/err")" "~" 'port is already allocated'
exits 0 "down of a half-made project" dc -f port.yaml -p port down
check "clears what was created and never started" "$(mc ps -aq | wc -l)" -eq 0
# orphans are found by label, by no other service's name
printf 'services: {x: {image: busybox, init: true, command: sleep 1000}, y: {image: busybox, init: true, command: sleep 1000}}\n' >o1.yaml
printf 'services: {x: {image: busybox, init: true, command: sleep 1000}}\n' >o2.yaml
dc -f o1.yaml -p o up -d >/dev/null 2>&1
exits 0 "a service taken out of the file" dc -f o2.yaml -p o up -d
check "is named as an orphan" "$(cat "$T/err")" "~" 'orphan containers \(\[o-y-1\]\)'
check "and runs on" "$(status o-y-1)" = running
exits 0 "--remove-orphans" dc -f o2.yaml -p o up -d --remove-orphans
check "takes it away" "$(status o-y-1)" = ""
exits 0 "down with the name alone" dc -p o down
check "nothing is left" "$(mc ps -aq | wc -l)" -eq 0
printf 'services: {a: {image: busybox, networks: [e]}}\nnetworks: {e: {external: true}}\n' >ext.yaml
exits 1 "an external network that is not there" dc -f ext.yaml -p e up -d
check "... with its place and the command that makes it" "$(cat "$T/err")" "~" 'ext.yaml:2:.*could not be found'
printf 'services: {a: {image: busybox, volumes: ["%s/docker.sock:/var/run/docker.sock"]}}\n' "$T" >sock.yaml
exits 1 "the engine's socket is not there" dc -f sock.yaml -p sock up -d
check "... said with the daemon's command line, and no directory is made of it" "$(cat "$T/err")$(ls -d "$T/docker.sock" 2>&1)" "~" 'sock.yaml:1:.*no engine listens there.*'
dc -p sock down >/dev/null 2>&1
printf 'services: {a: {image: busybox}, b: {image: busybox, depends_on: [a]}, c: {image: busybox}}\n' >sel.yaml
check "config SERVICE: it and what it needs" "$(dc -f sel.yaml config --services b | tr '\n' ' ')" = "a b "

# --- a database, a cache, a migration, a web server ---
cat >shop.yaml <<'END'
name: shop
x-base: &base {image: busybox, init: true, stop_grace_period: 1s}
services:
  web:
    <<: *base
    restart: always
    command: sh -c 'mkdir -p /w; cat /var/lib/db/schema >/w/index.html; exec httpd -f -p 80 -h /w'
    volumes: ["data:/var/lib/db:ro"]
    healthcheck: {test: "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc localhost 80 | grep -q tables", interval: 200ms, retries: 50}
    depends_on: {migrate: {condition: service_completed_successfully}, cache: {condition: service_healthy}}
  migrate:
    <<: *base
    command: [sh, -c, "test -f /var/lib/db/ready && echo tables >/var/lib/db/schema"]
    volumes: ["data:/var/lib/db"]
    depends_on: {db: {condition: service_healthy}}
  db:
    <<: *base
    restart: always
    command: sh -c 'sleep 0.3; touch /var/lib/db/ready; exec sleep 1000'
    volumes: ["data:/var/lib/db"]
    healthcheck: {test: [CMD, test, -f, /var/lib/db/ready], interval: 200ms, retries: 50}
  cache:
    <<: *base
    command: sh -c 'touch /up; exec sleep 1000'
    healthcheck: {test: test -f /up, interval: 200ms, retries: 50}
volumes: {data: }
END
links() { ip -o link | wc -l; }
before=$(links)
exits 0 "one command brings the shop up and waits for its health" dc -f shop.yaml up -d --wait
ask() { dc -f shop.yaml exec -T cache sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 2 web 80 | tail -1"; }
check "web serves what the migration made" "$(ask)" = tables
old=$(pid shop-db-1)
kill -9 "$old"; again() { [ "$(mc inspect -f '{{.State.Status}} {{ne .State.Pid '"$old"'}}' shop-db-1)" = "running true" ]; }
eventually 30 again
check "kill -9 of the database: it is back by its restart policy" "$(status shop-db-1)" = running
check "its data too" "$(dc -f shop.yaml exec -T db cat /var/lib/db/schema)" = tables
web=$(pid shop-web-1)
exits 0 "scale web to three" dc -f shop.yaml up -d --scale web=3 --wait
check "three, and the first one was kept" "$(dc -f shop.yaml ps -q web | wc -l) $(pid shop-web-1)" = "3 $web"
check "one name, three addresses" "$(dc -f shop.yaml exec -T cache nslookup web 2>/dev/null | grep -c 'Address.*: *10\.\|Address.*: *172\.')" -ge 3
exits 0 "down -v" dc -f shop.yaml down -v
check "no container, volume, network" "$(mc ps -aq; mc volume ls -q | grep shop; mc network ls --format '{{.Name}}' | grep shop)" = ""
eventually 5 sh -c "[ \"\$(ip -o link | wc -l)\" = $before ]"
check "no link in the kernel" "$(links)" -eq "$before"
check "no file of the project" "$(find "$MINICTR_ROOT/projects" "$MINICTR_ROOT/containers" -mindepth 1 2>/dev/null | wc -l)" -eq 0
cat >hook.yaml <<'END'
name: h
services:
  a:
    image: busybox
    init: true
    command: sleep 1000
    volumes: [log:/log]
    post_start:
      - {command: "sh -c 'echo $$W in $$(pwd) by $$(id -u) >>/log/f'", environment: {W: started}, working_dir: /tmp, user: "7"}
    pre_stop: [{command: [sh, -c, "echo stopping >>/log/f; ${BAD:-true}"]}]
  see: {image: busybox, volumes: [log:/log], command: cat /log/f, profiles: [see]}
volumes: {log: }
END
mc volume create h_log >/dev/null; mc run --rm -v h_log:/log busybox chmod 777 /log
exits 0 "up with hooks" dc -f hook.yaml up -d
check "post_start ran: its environment, directory, user" "$(dc -f hook.yaml exec -T a cat /log/f)" = "started in /tmp by 7"
exits 0 "stop" dc -f hook.yaml stop
check "pre_stop ran before it" "$(dc -f hook.yaml run --rm see 2>/dev/null | tail -1)" = stopping
dc -f hook.yaml start >/dev/null 2>&1
BAD="exit 3"; export BAD
exits 1 "a pre_stop that fails is an error" dc -f hook.yaml stop
check "... with its place and status; the container has stopped" "$(cat "$T/err") $(status h-a-1)" "~" 'hook.yaml:10:.*exited with status 3.* exited'
sed -i "s/sh -c 'echo/sh -c 'exit 4; echo/" hook.yaml
exits 1 "a post_start that fails fails up" dc -f hook.yaml up -d
dc -f hook.yaml down -v >/dev/null 2>&1
check "down clears it all the same" "$(mc ps -aq --filter label=com.docker.compose.project=h)" = ""
# What `build` has to tell the builder: names, an agent, a platform. The builder says what it does not have.
mkdir built; printf 'FROM busybox\nARG TARGETARCH\nRUN --mount=type=ssh grep -q 1.2.3.4 /etc/hosts && test -S "$SSH_AUTH_SOCK" && echo $TARGETARCH >/seen\nCMD ["cat", "/seen"]\n' >built/Dockerfile
background python3 -c 'import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1); time.sleep(600)' "$T/agent"
eventually 10 test -S "$T/agent"
printf 'services:\n  w: {build: {context: built, ssh: [default=%s], extra_hosts: [h=1.2.3.4], shm_size: 1m}, platform: linux/arm64}\n' "$T/agent" >build.yaml
exits 0 "compose build: extra_hosts and ssh reach RUN" dc -p b -f build.yaml build
check "the platform is the service's" "$(mc run --rm b-w 2>/dev/null)" = arm64
check "what the builder has not is said" "$(cat "$T/err")" "~" "build.yaml:2:.*build.shm_size has no effect here: RUN has no limits"
# Attached twice: the second time does not tell what the first one told; the table of stopping leaves the output alone.
printf 'services: {a: {image: busybox, init: true, command: sh -c "echo begun; sleep 1000"}}\n' >twice.yaml
attached() { TERM=xterm python3 "$HERE/tests/run/terminal.py" 24 80 expect:begun 'send:\x03' -- "$BIN/minictr" compose -p tw -f twice.yaml up >"$T/tty" 2>&1; }
attached; attached; rc=$?
check "what is told is of this time" "$rc $(grep -ac 'begun' "$T/tty")" = "130 1"
check "the table of stopping begins below the output" "$(sed '1,/Gracefully/d' "$T/tty" | grep -ao '\[[0-9]*A' | sort -u | tr '\n' ' ')" "~" '^(.1A )?$'
dc -p tw -f twice.yaml down -t 0 >/dev/null 2>&1
# Interrupted before all are up: what runs is stopped, and no process goes on waiting to start the rest.
cat >cut.yaml <<'Y'
services:
  h: {image: busybox, init: true, command: sleep 1000, healthcheck: {test: "test -f /go", interval: 200ms, retries: 1000}}
  z: {image: busybox, init: true, command: sleep 1000, depends_on: {h: {condition: service_healthy}}}
Y
"$BIN/minictr" compose -p cut -f cut.yaml up >"$T/cut" 2>&1 & up=$!
eventually 10 grep -q 'cut-h-1  Waiting' "$T/cut"
kill -TERM $up; wait $up
check "up, interrupted while it waits, stops what runs and ends with 130" "$? $(status cut-h-1)" = "130 exited"
dc -p cut -f cut.yaml start h >/dev/null 2>&1; mc exec cut-h-1 touch /go; sleep 1.5
check "no one starts the rest later" "$(status cut-z-1)" = ""
dc -p cut -f cut.yaml down -t 0 >/dev/null 2>&1
# Killed while it waits (kill -9, or the pipe that it writes into is closed): the rest is not started later either.
"$BIN/minictr" compose -p cut -f cut.yaml up -d >"$T/cut" 2>&1 & up=$!
eventually 10 grep -q 'cut-h-1  Waiting' "$T/cut"
kill -KILL $up; wait $up 2>/dev/null; mc exec cut-h-1 touch /go; sleep 1.5
check "... nor when up was killed" "$(status cut-h-1) $(status cut-z-1)" = "running "
dc -p cut -f cut.yaml down -t 0 >/dev/null 2>&1
# links: the alias is known to the service that asks for it, and to no other. One secret twice: two owners, two modes.
echo s >two-owners
cat >links.yaml <<'Y'
services:
  db: {image: busybox, init: true, command: sleep 1000}
  web: {image: busybox, init: true, command: sleep 1000, links: ["db:store"], secrets: [{source: s, uid: "7", gid: "8", mode: 0440}, {source: s, target: again, uid: "9"}]}
secrets: {s: {file: two-owners}}
Y
exits 0 "up with links" dc -p ln -f links.yaml up -d
check "the alias of a link" "$(dc -p ln -f links.yaml exec -T web ping -c1 -W2 store | head -1)" "~" '^PING store \(10\.'
exits 1 "... which the other does not know" dc -p ln -f links.yaml exec -T db ping -c1 -W1 store
check "a secret with two owners" "$(dc -p ln -f links.yaml exec -T web stat -c '%n %u:%g %a' /run/secrets/s /run/secrets/again | tr '\n' ' ')" = "/run/secrets/s 7:8 440 /run/secrets/again 9:0 444 "
dc -p ln -f links.yaml down -t 0 >/dev/null 2>&1
# run: the words replace the command alone, --entrypoint is split. A failure leaves what was to come after it created.
printf 'services:\n  a: {image: busybox, entrypoint: [echo, pre], command: [c]}\n  bad: {image: busybox, command: sh -c "exit 5"}\n  after: {image: busybox, command: sleep 9, depends_on: {bad: {condition: service_completed_successfully}}}\n' >words.yaml
check "run: an entrypoint of two words" "$(dc -p wo -f words.yaml run --rm a x 2>/dev/null)" = "pre x"
check "run --entrypoint" "$(dc -p wo -f words.yaml run --rm --entrypoint "echo 'two words'" a x 2>/dev/null)" = "two words x"
exits 1 "up with a step that fails" dc -p wo -f words.yaml up -d bad after
check "what needs it stays created" "$(status wo-after-1)" = created
dc -p wo -f words.yaml down -t 0 >/dev/null 2>&1
