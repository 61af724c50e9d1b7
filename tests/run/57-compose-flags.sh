#!/bin/sh
# 57-compose-flags.sh - flags of docker compose 2.26 and the variables that stand for them: what is shown, waited for, made anew.
. "$(dirname "$0")/lib.sh"
need_root
plan 46
starter_images
ip link set lo up 2>/dev/null
mkdir -p "$T/p"; cd "$T/p" || exit 1
dc() { "$BIN/minictr" compose "$@"; }
pid() { mc inspect -f '{{.State.Pid}}' "$1" 2>/dev/null; }
cat >compose.yaml <<'Y'
name: inn
services:
  guest: {image: busybox, command: sh -c 'echo sits; sleep 0.7; exit 5', depends_on: [bar, cook], stop_grace_period: 0s}
  bar: {image: busybox, command: sh -c 'while echo pours; do sleep 0.2; done', stop_grace_period: 0s}
  cook: {image: busybox, command: sh -c 'echo lit; exec sleep 500', stop_grace_period: 0s, healthcheck: {test: test -e /go, interval: 200ms, retries: 500}}
Y
# Whose output is shown, and whose end ends `up`
shown() { dc down -t0 >/dev/null 2>&1; dc up "$@" 2>/dev/null | sed -n 's/-1 *| / /p' | sort -u | tr '\n' ';'; }
check "up guest shows guest" "$(shown guest)" = "guest sits;"
check "--attach-dependencies: what it needs, too; guest's end is the end" "$(shown --attach-dependencies guest)" = "bar pours;cook lit;guest sits;"
check "--no-attach" "$(shown --no-attach bar --abort-on-container-exit)" = "cook lit;guest sits;"
exits 1 "--attach beside --attach-dependencies" dc up --attach bar --attach-dependencies
dc down -t0 >/dev/null 2>&1
# --wait-timeout
exits 1 "--wait-timeout ends the wait" timeout 20 "$BIN/minictr" compose up --wait --wait-timeout 1 cook
check "... and says so" "$(cat "$T/err")" "~" 'not healthy after 1s: container inn-cook-1 is starting'
mc exec inn-cook-1 touch /go
exits 0 "in time" dc up --wait --wait-timeout 20 cook
exits 1 "--wait-timeout without --wait" dc up -d --wait-timeout 5
# What is made anew
dc up -d >/dev/null 2>&1; old=$(pid inn-bar-1)
dc up -d guest >/dev/null 2>&1; check "a dependency is kept" "$(pid inn-bar-1)" = "$old"
dc up -d --always-recreate-deps guest >/dev/null 2>&1; check "--always-recreate-deps" "$(pid inn-bar-1)" "!=" "$old"
exits 1 "beside --no-recreate" dc up -d --always-recreate-deps --no-recreate
dc stop bar >/dev/null 2>&1
exits 0 "scale --no-deps" dc scale --no-deps guest=2
check "leaves what it needs as it is" "$(mc inspect -f '{{.State.Status}}' inn-bar-1)" = exited
dc start bar >/dev/null 2>&1
# One container of several; owners
check "logs --index" "$(dc logs --index 2 guest | sed 's/ *|.*//' | sort -u)" = guest-2
exits 1 "logs --index of all" dc logs --index 2
echo hi >f; chown 7:8 f
dc cp f cook:/plain >/dev/null 2>&1; dc cp -a f cook:/kept >/dev/null 2>&1
check "cp -a keeps the owner" "$(dc exec -T cook stat -c %u:%g /plain /kept | tr '\n' ' ')" = "0:0 7:8 "
check "cp --index" "$(dc cp --index 2 guest:/etc/hostname - | tar -xO)" = "$(mc inspect -f '{{.Config.Hostname}}' inn-guest-2)"
check "stats" "$(dc stats --no-stream --format '{{.Name}}' bar)" = inn-bar-1
check "attach --no-stdin" "$(timeout -s KILL 1 "$BIN/minictr" compose attach --no-stdin bar | head -1)" = pours
check "ps --no-trunc" "$(dc ps --no-trunc --format '{{.Command}}' bar)" "~" 'sleep 0.2; done'
printf 'name: inn\nservices: {cook: {image: busybox}}\n' >less.yaml
check "ps --orphans=false" "$(dc -f less.yaml ps --orphans=false --services)" = cook
check "ls --filter" "$(dc ls -q --filter name='^in')$(dc ls -q --filter name='^n')" = inn
exits 1 "ls --filter of another key" dc ls --filter label=x
# wait
exits 5 "wait ends as the service did" dc wait guest
check "prints the codes" "$(dc wait guest | sort | tr '\n' ' ')" = "5 5 "
dc up -d >/dev/null 2>&1
exits 5 "wait --down-project: the first end counts" timeout 30 "$BIN/minictr" compose wait --down-project bar guest
check "... and the project is gone" "$(mc ps -aq; mc network ls -q --filter type=custom)" = ""
tab() { "$BIN/minictr" internal complete compose "$@" | tr '\n' ' '; }
check "Tab: verbs, flags, services, of the file that -f names" "$(tab st)$(tab up --wa)$(tab up gu)$(tab -f less.yaml logs '')$(tab --prog)" = "stop start stats --wait --wait-timeout --watch guest cook --progress "
# How much is told
exits 0 "--progress quiet" dc --progress quiet up -d bar
check "tells nothing" "$(cat "$T/out" "$T/err")" = ""
tty() { TERM=xterm python3 "$HERE/tests/run/terminal.py" 24 80 -- "$BIN/minictr" compose "$@" 2>&1; }
check "a live table at a terminal" "$(tty restart bar | grep -c "$(printf '\033')")" "!=" 0
check "--ansi never" "$(tty --ansi never restart bar | grep -c "$(printf '\033')") $(tty --progress plain restart bar | grep -c "$(printf '\033')")" = "0 0"
exits 125 "--ansi always" dc --ansi always ps
check "COMPOSE_ANSI is --ansi" "$(COMPOSE_ANSI=odd dc ps 2>&1)" "~" '^minictr: --ansi odd: auto or never'
exits 125 "--compatibility" dc --compatibility ps
check "--dry-run behind the verb" "$(dc down --dry-run 2>&1)$(pid inn-bar-1)" "~" 'DRY-RUN MODE - Container inn-bar-1  Removed'
check "... takes nothing away" "$(dc ps -q | wc -l)" = 1
dc down >/dev/null 2>&1
# One after the other: no container is begun before the one before it is up.
printf 'name: row\nx-s: &s {image: busybox, command: sleep 99, stop_grace_period: 0s}\nservices: {a: *s, b: *s, c: *s}\n' >row.yaml
order() { awk '/Container/ && $3 ~ /Creating|Started/ {printf "%s ", $3}'; }
check "--parallel 1" "$(dc -f row.yaml --parallel 1 up -d 2>&1 | order)" = "Creating Started Creating Started Creating Started "
dc -f row.yaml down >/dev/null 2>&1
check "COMPOSE_PARALLEL_LIMIT" "$(COMPOSE_PARALLEL_LIMIT=1 dc -f row.yaml up -d 2>&1 | order)" = "Creating Started Creating Started Creating Started "
# Orphans
printf 'name: row\nservices: {a: {image: busybox, command: sleep 99, stop_grace_period: 0s}}\n' >one.yaml
check "orphans are told" "$(dc -f one.yaml up -d --no-recreate 2>&1)" "~" 'orphan containers'
check "but for COMPOSE_IGNORE_ORPHANS" "$(COMPOSE_IGNORE_ORPHANS=1 dc -f one.yaml up -d 2>&1 | grep -c orphan)" = 0
COMPOSE_REMOVE_ORPHANS=true dc -f one.yaml up -d >/dev/null 2>&1; check "COMPOSE_REMOVE_ORPHANS" "$(mc ps -q | wc -l)" = 1
exits 1 "kill --remove-orphans is refused" dc -f one.yaml kill --remove-orphans
dc -f one.yaml down >/dev/null 2>&1
# Variables of files
echo X=one >a.env; echo X=two >b.env; echo X=dot >.env
printf 'services: {a: {image: "busybox:${X-none}"}}\n' >v.yaml
check "COMPOSE_ENV_FILES, COMPOSE_DISABLE_ENV_FILE" "$(COMPOSE_ENV_FILES=a.env,b.env dc -f v.yaml config --images; COMPOSE_DISABLE_ENV_FILE=1 dc -f v.yaml config --images; dc -f v.yaml config --images)" = "busybox:two
busybox:none
busybox:dot"
# What a build, a pull and a push take
printf 'FROM busybox\n' >Dockerfile
printf 'name: b\nservices:\n  web: {build: ., image: 127.0.0.1:1/web, depends_on: [db]}\n  db: {build: .}\n' >build.yaml
check "build --with-dependencies" "$(dc -f build.yaml build web >/dev/null 2>&1; mc images -q b-db | wc -l; dc -f build.yaml build --with-dependencies web >/dev/null 2>&1; mc images -q b-db | wc -l)" = "0
1"
check "build --push: to where the name says" "$(dc -f build.yaml build -q --push web 2>&1)" "~" 'connect to 127.0.0.1 port 1 '
