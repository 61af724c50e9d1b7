#!/bin/sh
# 57-compose.sh - projects of a compose file: up, what waits, what is kept, down without a trace; files merged, extended, included.
. "$(dirname "$0")/lib.sh"
need_root
plan 77
starter_images
ip link set lo up 2>/dev/null
P=$T/p; mkdir -p "$P"; cd "$P" || exit 1
dc() { "$BIN/minictr" compose "$@"; }
state() { mc inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$1" 2>/dev/null; }
pid() { mc inspect -f '{{.State.Pid}}' "$1" 2>/dev/null; }

# --- a database that becomes healthy, a one-shot migration, a web server ---
cat >compose.yaml <<'END'
name: shop
x-base: &base {image: busybox, stop_grace_period: 1s}
services:
  web:
    <<: *base
    command: sh -c 'mkdir /www; echo "hello $$GREETING" >/www/index.html; exec httpd -f -p 80 -h /www'
    ports: ["127.0.0.1:18123:80"]
    environment:
      - GREETING=${GREETING:-you}
      - INHERITED
      - ABSENT
    depends_on: {migrate: {condition: service_completed_successfully}}
    secrets: [{source: pw, mode: 0400, uid: "5"}]
    configs: [{source: cf, target: /etc/cf}]
    networks: {default: {aliases: [shopfront]}}
  migrate:
    <<: *base
    command: [sh, -c, "test -f /var/lib/db/ready && echo migrated >/var/lib/db/m"]
    volumes: [data:/var/lib/db]
    depends_on: {db: {condition: service_healthy}}
  db:
    <<: *base
    command: sh -c 'sleep 0.5; touch /var/lib/db/ready; exec sleep 1000'
    volumes: [data:/var/lib/db]
    healthcheck: {test: [CMD, test, -f, /var/lib/db/ready], interval: 100ms, retries: 50}
volumes: {data: }
secrets: {pw: {environment: PW}}
configs: {cf: {content: "from the file\n"}}
END
PW=secret; INHERITED=yes; export PW INHERITED
exits 0 "--dry-run up" dc --dry-run up -d
check "tells what would be made" "$(cat "$T/err")" "~" 'DRY-RUN MODE - Container shop-web-1  Started'
check "and makes nothing" "$(mc ps -aq; mc volume ls -q; mc network ls -q --filter label=com.docker.compose.project=shop)" = ""
exits 0 "up" dc up -d
check "plain lines in a pipe" "$(cat "$T/err")" "~" 'Container shop-web-1  Started'
eventually 5 busybox wget -q -O /dev/null http://127.0.0.1:18123/
check "web answers on its port" "$(busybox wget -q -O - http://127.0.0.1:18123/)" = "hello you"
check "the migration ran after the database was healthy, and ended well" "$(state shop-migrate-1)" = "exited 0"
check "names are found" "$(dc exec -T web sh -c 'ping -c1 -W2 db >/dev/null && ping -c1 -W2 shopfront >/dev/null && echo found')" = found
check "a secret has the owner and mode asked for" "$(dc exec -T web stat -c '%u %a' /run/secrets/pw)$(dc exec -T web cat /run/secrets/pw)" = "5 400secret"
check "a config" "$(dc exec -T web cat /etc/cf)" = "from the file"
check "environment: inherited, and absent when unset" "$(dc exec -T web sh -c 'echo $INHERITED; env | grep -c ABSENT')" = "yes
0"
check "ps" "$(dc ps --format '{{.Service}} {{.State}}' | sort | tr '\n' ' ')" = "db running web running "
check "ps -a" "$(dc ps -aq | wc -l)" -eq 3
check "ls -a" "$(dc ls -a --format '{{.Name}} {{.Status}}')" = "shop exited(1), running(2)"
check "ls: what runs, in JSON one list" "$(dc ls --format json | jq -r '.[] | .Name + " " + .Status')" = "shop running(2)"
check "ps in JSON names the project and who publishes" "$(dc ps -a --format json | jq -cs 'map([.Project, (.Publishers | type)]) | unique')" = '[["shop","array"]]'
check "images has docker compose's columns" "$(dc images | head -1 | tr -s ' ')" = "CONTAINER REPOSITORY TAG IMAGE ID SIZE"
check "... and its JSON" "$(dc images --format json | jq -r 'map(.Repository + ":" + .Tag) | unique | join(" ")')" "~" '^[a-z:/ ]*busybox:latest'
db=$(pid shop-db-1); web=$(pid shop-web-1)
exits 0 "a second up" dc up -d
check "changes nothing that runs" "$(pid shop-db-1) $(pid shop-web-1)" = "$db $web"
migrated() { [ "$(mc inspect -f "{{.State.Status}}" shop-migrate-1)" = exited ]; }; eventually 5 migrated
check "a one-shot service runs again" "$(mc inspect -f '{{.State.Status}}' shop-migrate-1)" = exited
check "explain says what would be recreated and why" "$(GREETING=me dc explain)" "~" 'recreate  shop-web-1: its configuration changed'
GREETING=me dc up -d >/dev/null 2>&1
check "one changed key recreates one service" "$(pid shop-db-1)" = "$db"
eventually 5 busybox wget -q -O /dev/null http://127.0.0.1:18123/
check "... with the new value" "$(busybox wget -q -O - http://127.0.0.1:18123/)" = "hello me"
exits 0 "scale" dc up -d --scale db=3
check "three" "$(dc ps -q db | wc -l)" -eq 3
exits 0 "back to the file's number" dc up -d
check "one" "$(dc ps -q db | wc -l)" -eq 1
mc kill shop-web-1 >/dev/null; mc wait shop-web-1 >/dev/null 2>&1
exits 0 "up after a kill" dc up -d
check "starts it again" "$(mc inspect -f '{{.State.Status}}' shop-web-1)" = running
check "logs carry names" "$(dc logs --no-color db migrate 2>&1 | grep -c '|')" -ge 0
check "run: a one-off, its status" "$(dc run --rm -T db sh -c 'echo once; exit 4'; echo $?)" = "once
4"
exits 0 "stop" dc stop
check "all ended" "$(dc ps -q | wc -l)" -eq 0
exits 0 "start" dc start db
exits 0 "--dry-run down" dc --dry-run down -v
check "tells what would go" "$(cat "$T/err")" "~" 'DRY-RUN MODE - Volume shop_data  Removed'
check "nothing went" "$(dc ps -q | wc -l) $(mc volume ls -q)" = "1 shop_data"
exits 1 "what has no dry run is refused" dc --dry-run exec db true
exits 0 "down" dc down
check "no container and no network is left" "$(mc ps -aq | wc -l) $(mc network ls -q --filter label=com.docker.compose.project=shop | wc -l)" = "0 0"
check "data stays" "$(mc volume ls -q)" = shop_data
exits 0 "down -v" dc down -v
check "data goes" "$(mc volume ls -q)$(ls "$MINICTR_ROOT/projects" 2>/dev/null)" = ""
exits 0 "down of nothing" dc down

# --- on a terminal: a table whose rows change in place, with the health of what is waited for ---
cat >wait.yaml <<'END'
services:
  slow: {image: busybox, init: true, command: sh -c 'sleep 1; touch /ready; sleep 1000', healthcheck: {test: test -f /ready, interval: 200ms, retries: 50}}
  late: {image: busybox, init: true, command: sleep 1000, depends_on: {slow: {condition: service_healthy}}}
END
TERM=xterm python3 "$HERE/tests/run/terminal.py" 24 80 -- "$BIN/minictr" compose -f wait.yaml -p wait up -d >"$T/out" 2>&1
check "a row says starting, then Healthy" "$(tr '\r' '\n' <"$T/out" | grep -oE 'slow-1.*(starting|Healthy)' | grep -oE 'starting|Healthy' | uniq | tr '\n' ' ')" "~" 'starting Healthy'
check "the cursor goes up to draw the table again" "$(cat -v "$T/out")" "~" '\^\[\[[0-9]+A'
dc -f wait.yaml -p wait down >/dev/null 2>&1
check "gone" "$(mc ps -aq | wc -l)" -eq 0

# --- failures ---
cat >bad.yaml <<'END'
services:
  a: {image: busybox, command: "false"}
  b: {image: busybox, command: sleep 1000, depends_on: {a: {condition: service_completed_successfully}}}
END
exits 1 "a dependency that fails ends up with 1" dc -f bad.yaml -p bad up -d
check "... and says who" "$(cat "$T/err")" "~" "didn't complete successfully: exit 1"
exits 0 "down clears what is left" dc -f bad.yaml -p bad down
check "nothing" "$(mc ps -aq | wc -l)" -eq 0
fails() {  # NAME WANTED YAML
	printf '%s\n' "$3" >f.yaml; dc -f f.yaml config >/dev/null 2>"$T/err" && { not_ok "$1" accepted; return; }
	check "$1" "$(cat "$T/err")" "~" "$2"
}
fails "an unknown key: place and suggestion" 'f.yaml:2:.*Additional property imge is not allowed' 'services:
  a: {imge: busybox}'
fails "a circle with its path" 'a -> b -> a|b -> a -> b' 'services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}'
fails "an undefined volume" 'undefined volume data' 'services: {a: {image: x, volumes: ["data:/d"]}}'
fails "an undefined network" 'undefined network n' 'services: {a: {image: x, networks: [n]}}'
fails "an undefined service" 'undefined service "z"' 'services: {a: {image: x, depends_on: [z]}}'
fails "neither image nor build" 'neither an image nor a build' 'services: {a: {command: x}}'
fails "a variable that must be set" 'required variable NEEDED is missing a value: say it' 'services: {a: {image: "${NEEDED:?say it}"}}'
fails "extends in a circle" 'circle' 'services: {a: {image: x, extends: {service: b}}, b: {image: x, extends: {service: a}}}'

# --- files: merged, extended, included, reset ---
mkdir -p sub
cat >one.yaml <<'END'
services: {s: {image: x, environment: {A: 1, B: 1}, ports: ["1:1"], command: [a], cap_add: [A], labels: [l=1]}}
END
cat >two.yaml <<'END'
services: {s: {environment: [B=2], ports: ["1:1", "2:2"], command: [b], cap_add: [A, B], labels: !reset {}}}
END
j() { dc "$@" config --format json 2>/dev/null | jq -c "$Q"; }
Q=.services.s.environment; check "environment: list and map meet" "$(j -f one.yaml -f two.yaml)" = '{"A":"1","B":"2"}'
Q='[.services.s.ports[].target]'; check "ports: the same one once" "$(j -f one.yaml -f two.yaml)" = '[1,2]'
Q='.services.s | [.command, .cap_add, .labels]'; check "commands replace, lists of names unite, !reset takes away" "$(j -f one.yaml -f two.yaml)" = '[["b"],["A","B"],null]'
cat >sub/base.yaml <<'END'
services: {base: {image: b, volumes: ["./d:/d"], environment: {X: base, Y: base}}}
END
cat >ext.yaml <<'END'
services: {s: {extends: {file: sub/base.yaml, service: base}, environment: {Y: own}}}
END
Q='.services.s | [.image, .volumes[0].source, .environment.X, .environment.Y]'
check "extends: paths of the other file, own keys on top" "$(j -f ext.yaml)" = "[\"b\",\"$P/sub/d\",\"base\",\"own\"]"
printf 'include: [sub/inc.yaml]\nservices: {top: {image: t}}\n' >inc.yaml
printf 'services: {inner: {image: "i${IN}", volumes: ["./e:/e"]}}\n' >sub/inc.yaml; printf 'IN=1\n' >sub/.env
Q='.services.inner | [.image, .volumes[0].source]'; check "include: its own directory and .env" "$(j -f inc.yaml)" = "[\"i1\",\"$P/sub/e\"]"
printf 'services: {a: {image: x}, b: {image: x, profiles: [dbg]}}\n' >prof.yaml
check "profiles" "$(dc -f prof.yaml config --services | tr '\n' ' ')$(dc -f prof.yaml --profile dbg config --services | tr '\n' ' ')" = "a a b "
check "the hash does not depend on how a file is written" "$(printf 'services: {a: {image: x, environment: [A=1], command: "x y"}}' | dc -f - config --hash a)" = "$(printf 'services:\n  a:\n    command: [x, y]\n    environment: {A: "1"}\n    image: x\n' | dc -f - config --hash a)"
check "config can be fed back" "$(dc -f one.yaml config 2>/dev/null | dc -f - -p p config 2>/dev/null | md5sum)" = "$(dc -f one.yaml -p p config 2>/dev/null | md5sum)"

# --- attached ---
cat >att.yaml <<'END'
services:
  a: {image: busybox, command: sh -c 'echo from a; sleep 0.3; exit 3'}
  b: {image: busybox, command: sh -c 'trap "exit 0" TERM; echo from b; while :; do sleep 0.1; done', stop_grace_period: 2s}
END
exits 3 "--exit-code-from" dc -f att.yaml -p att up --exit-code-from a
check "output with names" "$(cat "$T/out")" "~" 'a-1 *\| from a'
check "... and how it ended" "$(cat "$T/out")" "~" 'a-1 exited with code 3'
check "the other one was stopped" "$(mc inspect -f '{{.State.Status}}' att-b-1)" = exited
"$BIN/minictr" compose -f att.yaml -p att up >"$T/out" 2>"$T/err" & pid=$!
eventually 10 grep -q 'from b' "$T/out"; kill -INT $pid; wait $pid
check "Ctrl-C stops all: 130" $? -eq 130
check "stopped" "$(mc ps -q | wc -l)" -eq 0
dc -f att.yaml -p att down >/dev/null 2>&1
printf 'services: {a: {image: busybox, command: "sh -c '"'"'trap : TERM; echo deaf; while :; do sleep 0.1; done'"'"'", stop_grace_period: 60s}}\n' >deaf.yaml
"$BIN/minictr" compose -f deaf.yaml -p deaf up >"$T/out" 2>"$T/err" & pid=$!
eventually 10 grep -q deaf "$T/out"; kill -INT $pid; eventually 5 grep -q Stopping "$T/err"; kill -INT $pid
gone() { ! kill -0 $pid 2>/dev/null; }; eventually 20 gone; wait $pid
check "a second Ctrl-C kills what has a long grace: 130" $? -eq 130
check "it was killed" "$(mc inspect -f '{{.State.ExitCode}}' deaf-a-1)" = 137
dc -f deaf.yaml -p deaf down >/dev/null 2>&1
check "the end" "$(mc ps -aq | wc -l)" -eq 0
