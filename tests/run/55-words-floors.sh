#!/bin/sh
# Every word is read wholly or refused: what builds, compose, machines, volumes and pipelines are told. Each of these was once accepted,
# and the weaker reading won; a line has one wrong word.
. "$(dirname "$0")/lib.sh"
need_root
starter_images
mkdir "$T/p"; cd "$T/p" || exit 1
printf 'FROM busybox\n' >Dockerfile
printf 'services:\n  a:\n    image: busybox\n    command: sleep 100\n' >compose.yaml
mc compose create >/dev/null 2>&1
refused() {  # WORDS: an exit status that is not 0, one sentence
	"$BIN/minictr" "$@" >"$T/out" 2>"$T/err" </dev/null; rc=$?
	if [ $rc != 0 ] && [ $rc -lt 128 ] && [ -s "$T/err" ]; then ok "refused: $*"; else not_ok "refused: $*" "status $rc" "$(cat "$T/err")"; fi
}
while read -r words; do eval "refused $words"; done <<'L'
compose images nosuch
compose pull nosuch
compose push nosuch
compose rm -f nosuch
compose top nosuch
compose wait nosuch
compose pause nosuch
compose logs --tail x
compose logs --since x
compose ps --filter x=y
compose ps --filter status=odd
compose ps --status nosuch
compose config --hash nosuch
compose create --pull nosuch
compose up --attach nosuch
compose up -d --abort-on-container-exit
compose up -d --exit-code-from a
build --secret id=a,src=/nosuch .
build --secret id=a,type=nosuch .
build -o type=local,dest=o,nosuch=1 .
build -o type=image,push=perhaps .
build -o type=tar,dest=a,dest=b .
build --ulimit x=y .
build --ulimit nofile=5:2 .
build --label "$(printf 'a\377=b')" .
volume create -o device= v
volume create -o type=tmpfs -o device= v
pipeline prune --keep -1
L
check "a wrong output is told before the build" "$(mc build -o type=nosuch . 2>&1 | wc -l)" -le 2
bad() { printf "FROM busybox\n$1\n" >D; refused build -f D .; }
for line in 'LABEL a\377=b' 'ENV A=\377' 'RUN <<E\necho \377\nE' 'COPY D /\377' 'ADD --checksum=sha256:00 D /x'; do bad "$line"; done
check "... with its place" "$(printf 'FROM busybox\nLABEL a=b \\\n  c=\351\n' | mc build - 2>&1)" "~" ':3:5.*0xe9 is not UTF-8|3.*0xe9'
printf 'FROM --platform=linux/ busybox\n' >D; refused build -f D .
printf '# caf\351\nFROM busybox\n' >D; exits 0 "a comment may be anything" mc build -q -f D .
mc compose down >/dev/null 2>&1
plan "$N"
