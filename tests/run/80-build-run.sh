#!/bin/sh
# 80-build-run.sh - minictr build: RUN, its mounts, the cache, failures, progress. research: table "RUN, cache, result".
. "$(dirname "$0")/lib.sh"
need_root
busybox_rootfs "$T/rootfs"
echo 'app:x:1000:1000::/home/app:/bin/sh' >>"$T/rootfs/etc/passwd"; echo 'app:x:1000:' >>"$T/rootfs/etc/group"; echo 'extra:x:50:app' >>"$T/rootfs/etc/group"
tar -C "$T/rootfs" -c . | mc import - busybox:1 >/dev/null
mkdir "$T/ctx"; cd "$T/ctx" || exit 1
b() { mc build --progress plain "$@" >"$T/out" 2>"$T/err" </dev/null; }  # its exit status
ran() { grep -c "^#[0-9]* DONE" "$T/err"; }
layers() { mc inspect "$1" | jq -r '.[0].RootFS.Layers[]' | sed 's/sha256://'; }
top() { layers "$1" | tail -1; }
files() { (cd "$MINICTR_ROOT/layers/$1/fs" && find . ! -name . | sort | tr '\n' ' '); }
plan 72

# --- a step is a layer ---
cat >Dockerfile <<'D'
FROM busybox:1
ENV A=b
RUN cd /tmp && echo "$A" >/made
RUN pwd >/where; echo 'c d' >/tmp/x
CMD ["cat", "/made"]
LABEL l=1
D
b -t one . ; check "a build succeeds" $? = 0
check "its image runs" "$(mc run --rm one)" = b
check "cd does not last to the next RUN" "$(mc run --rm one cat /where)" = /
check "one layer for each RUN that changed files" "$(layers one | wc -l)" -eq 3
check "nothing but the change is in a layer" "$(files "$(top one)")" = "./tmp ./tmp/x ./where "
check "entries of history that are not empty are layers" "$(mc image history --no-trunc --format '{{.Size}}' one | grep -vc '^0B$')" -eq 3
check "the command is in the history" "$(mc history --no-trunc --format '{{.CreatedBy}}' one)" "~" "RUN /bin/sh -c cd /tmp .* # buildkit"

# --- the cache ---
id=$(mc images -q --no-trunc one)
b -t one .; check "a second build runs nothing" "$(ran)" -eq 0
check "and gives the same image" "$(mc images -q --no-trunc one)" = "$id"
sed -i 's/l=1/l=2/; s/^RUN pwd/# a comment\nRUN pwd/' Dockerfile
b -t one .; check "a new LABEL and a comment rebuild nothing" "$(ran)" -eq 0
sed -i 's/A=b/A=c/' Dockerfile
b --explain-cache -t one .; check "a changed variable runs the steps behind it" "$(ran)" -eq 2
check "and the reason is told" "$(cat "$T/err")" "~" 'variable A changed: "b" before, "c" now'
sed 's/^RUN cd/RUN touch \/inserted\n&/' Dockerfile >DI; cp Dockerfile D1
cp DI Dockerfile; b --explain-cache -t one .; check "an inserted step is a new one" "$(grep -A1 'RUN touch' "$T/err")" "~" "note: new step"
check "and the steps behind it are compared with themselves" "$(grep -A9 'RUN cd' "$T/err" | grep note: | sed 's/#[0-9]* //' | sort -u)" = "note: layers below changed"
mv D1 Dockerfile; rm DI; b -t one .
b --no-cache -t one .; check "--no-cache runs all" "$(ran)" -eq 2
layer=$(top one); rm -rf "$MINICTR_ROOT/layers/$layer"
b -t one .; check "a layer that is gone is a miss, not an error" "$? $(ran)" = "0 1"
mc image prune -af >/dev/null; printf 'FROM busybox:1\nENV A=c\nRUN cd /tmp && echo "$A" >/made\n' >D2
tar -C "$T/rootfs" -c . | mc import - busybox:1 >/dev/null
b -f D2 .; check "pruning images keeps the cache" "$? $(ran)" = "0 0"

# --- ARG and what is in the key ---
printf 'FROM busybox:1\nARG V=1\nARG UNSET\nRUN echo "$V ${UNSET-none}" >/v\n' >D3
b -f D3 -t v .; check "ARG has its default" "$(mc run --rm v cat /v)" = "1 none"
b -f D3 -t v --build-arg V=2 .; check "--build-arg changes it, and the step runs" "$(mc run --rm v cat /v) $(ran)" = "2 none 1"
b -f D3 -t v --build-arg V=2 --build-arg HTTP_PROXY=http://p:1 .; check "a proxy is no part of the key" "$(ran)" -eq 0
b -f D3 -t v --build-arg V=2 --build-arg OTHER=1 .; check "an undeclared --build-arg is told" "$(cat "$T/err")" "~" "OTHER.*no ARG"
check "ARG is not in the image" "$(mc inspect v | jq -c '.[0].Config.Env')" "!~" "V="

# --- USER, WORKDIR, SHELL ---
cat >D4 <<'D'
FROM busybox:1
USER app
WORKDIR /w/deep
RUN id -u; id -G; echo $HOME; touch mine
USER 77
WORKDIR /n
RUN id -u; id -g
SHELL ["/bin/sh", "-x", "-c"]
RUN echo shelled
RUN ["/bin/echo", "$HOME", "a b"]
D
b -f D4 -t u .; log=$(sed 's/^#[0-9]* [0-9.]* //' "$T/err")
check "USER by name brings its groups and home" "$log" "~" "^1000 50$"
check "HOME is from passwd" "$log" "~" "^/home/app$"
check "WORKDIR belongs to USER, parents too" "$(mc run --rm u stat -c %u /w /w/deep | tr '\n' ' ')" = "1000 1000 "
check "a directory that WORKDIR makes for a number has it as its group, too" "$(mc run --rm u stat -c %u:%g /n)" = 77:77
check "a number without an entry has group 0" "$(echo "$log" | grep -A1 '^77$' | tail -1)" = 0
check "SHELL holds for later RUNs" "$log" "~" "^\+ echo shelled"
check "exec form expands nothing" "$log" "~" '^\$HOME a b$'

# --- heredocs ---
cat >D5 <<'D'
FROM busybox:1
RUN <<EOF
echo "first $HOME" >/h
echo second >>/h
EOF
RUN <<EOF
#!/bin/busybox sh
echo "script $0" >>/h
EOF
RUN cat <<A >/two && cat <<B >>/two
one $HOME
A
two
B
D
b -f D5 -t h .; check "heredocs: shell, script, and two in one RUN" "$(mc run --rm h cat /h /two | tr '\n' ';')" = "first /root;second;script /dev/pipes/EOF;one /root;two;"

# --- mounts ---
echo data >file; mkdir sub; echo two >sub/s; echo hidden >ignored; echo ignored >.dockerignore; printf 'geheim123\n' >"$T/secret"
cat >D6 <<'D'
FROM busybox:1 AS one
RUN mkdir /wheels && echo w >/wheels/w
FROM busybox:1
RUN --mount=type=bind,target=/src cat /src/sub/s >/r; ls /src >>/r; touch /src/x 2>>/r || echo ro >>/r
RUN --mount=type=bind,from=one,source=/wheels,target=/w,rw cat /w/w >>/r; touch /w/new
RUN --mount=type=cache,target=/cache,uid=5 echo x >>/cache/log; stat -c %u /cache >>/r
RUN --mount=type=cache,id=/cache,target=/other wc -l </other/log >>/r
RUN --mount=type=tmpfs,target=/t,size=1m touch /t/x; df /t | grep -c 1024 >>/r
RUN --mount=type=secret,id=s --mount=type=secret,id=s,env=TOK stat -c '%a %u' /run/secrets/s >>/r; cat /run/secrets/s; echo "it is $TOK"
RUN --mount=type=secret,id=none ls /run 2>/dev/null || echo absent >>/r
D
b -f D6 --secret id=s,src="$T/secret" -t m .; check "a build with every kind of mount" $? = 0
check "what they showed" "$(mc run --rm m cat /r | grep -v 'touch:' | tr '\n' ';')" "~" "^two;D2;D3;D4;D5;D6;Dockerfile;file;sub;ro;w;5;1;1;400 0;absent;$"
check "no mount point stays, no file of a mount either" "$(for l in $(layers m | tail -n +2); do files "$l"; done)" = "./r ./r ./r ./r ./r ./r ./r "
check "a secret is hidden in the output" "$(grep -c '\*\*\*' "$T/err") $(grep -c geheim "$T/err")" = "2 0"
check "and nowhere in the engine's root" "$(grep -rl geheim123 "$MINICTR_ROOT" | wc -l)" -eq 0
b -f D6 --secret id=s,src=/etc/hostname -t m .; check "a secret's value is no part of the key" "$(ran)" -eq 0
echo three >sub/s; b -f D6 -t m .; check "the content of a bind is" "$(ran)" -gt 0
printf 'FROM busybox:1\nRUN --mount=type=secret,id=q,required=true true\n' >D7
b -f D7 . ; check "a required secret that is missing is an error that says how" "$(cat "$T/err")" "~" "secret q: not found"
background python3 -c 'import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(1); time.sleep(600)' "$T/agent"
eventually 10 test -S "$T/agent"; printf 'FROM busybox:1\nRUN --mount=type=ssh test -S "$SSH_AUTH_SOCK"\n' >DS
SSH_AUTH_SOCK=$T/agent b -f DS .; check "an agent that --ssh does not name is out of a RUN's reach" $? = 1
b -f DS --ssh default="$T/agent" .; check "--ssh gives it" $? = 0
printf 'FROM busybox:1\nRUN --network=none ls /sys/class/net | tr "\\n" " "\n' >D8
b -f D8 .; check "--network=none leaves lo" "$(cat "$T/err")" "~" "^#[0-9]* [0-9.]+ lo $"

# --- failure ---
printf 'FROM busybox:1\nRUN echo kept >/before\nRUN echo left >/after; exit 3\n' >D9
b -t keep:1 -f Dockerfile .; old=$(mc inspect --format '{{.Id}}' keep:1)
b -t keep:1 -f D9 .; check "a failed step: exit status 1" $? = 1
check "the message names status, lines and the last good image" "$(tr '\n' ' ' <"$T/err")" "~" "D9:3.*>>> RUN echo left.*exit code: 3.*build-failed:before"
check "the tag stays where it was" "$(mc inspect --format '{{.Id}}' keep:1)" = "$old"
check "the state before and after can be looked at" "$(mc debug build cat /before /after </dev/null | tr '\n' ' ')$(mc debug build --before ls /after 2>&1 </dev/null)" "~" "^kept left .*No such file"
mkdir -p seen/sub; echo 12345 >seen/sub/here; ln -s sub/here seen/to; echo x >seen/not.log; echo '*.log' >seen/.dockerignore
printf 'FROM busybox:1\nCOPY missing /\n' >seen/Dockerfile; b seen
check "the debugger stands before the failed COPY, not in an older failure" "$(mc debug build ls /after 2>&1 </dev/null)" "~" "No such file"
check "a failed COPY says where the list of the context is" "$(cat "$T/err")" "~" "minictr debug build --context"
check "the files it saw, without ignored ones" "$(mc debug build --context | tr -s ' ' | tr '\n' ';')" "~" "^# context seen: 4 files, .*f 0[0-9]* [0-9]* Dockerfile;d 0[0-9]* 0 sub;f 0[0-9]* 6 sub/here;l 0777 0 to -> sub/here;$"
check "... also of a tar" "$(tar -C seen -c . | mc build - >/dev/null 2>&1; mc debug build --context | grep -c 'sub/here')" -eq 2
printf 'FROM busybox:1\n' >seen/Dockerfile; b seen; exits 1 "a success ends it" mc debug build --context
sed -i 's/exit 3/true/' D9; b -f D9 .; check "steps before the failed one are cached" "$? $(ran)" = "0 1"
check "and the kept state goes with the next success" "$(mc images -q build-failed | wc -l)" -eq 0

# --- stages ---
cat >D10 <<'D'
FROM busybox:1 AS base
RUN echo base >/b
FROM base AS test
RUN echo never; false
FROM base AS tool
RUN echo tool >/tool
FROM scratch
COPY --from=tool /tool /t
COPY --from=0 /b /
D
b -f D10 -t s .; check "a stage that is not needed does not run" "$? $(grep -c never "$T/err")" = "0 0"
check "and the result holds only what was copied" "$(for l in $(layers s); do files "$l"; done)" = "./t ./b "

# --- the table on a terminal ---
{ echo 'FROM busybox:1'; for i in 1 2 3 4 5 6 7 8 9 10 11; do echo "RUN echo ö$i in a line that is longer than this terminal has columns for; sleep 0.2"; done; } >DT
TERM=xterm python3 "$HERE/tests/run/terminal.py" 8 70 sleep:1 size:8x50 -- "$BIN/minictr" build --no-cache -f DT . >"$T/tty"; rc=$?
check "a table of more steps than the terminal has lines stays on it" "$rc $(grep -ao '\[[0-9]*A' "$T/tty" | tr -d '[A' | sort -n | tail -1)" = "0 7"
check "a narrower terminal gets narrower lines" "$(tail -12 "$T/tty" | grep -a ' = \[' | tr -d '\r' | sed 's/.\[K//' | LC_ALL=C.UTF-8 awk '{ if (length($0) > m) m = length($0) } END { print m }')" -le 50
printf 'FROM busybox:1 AS one\nRUN sleep 60 & sleep 61\nFROM busybox:1 AS two\nRUN trap "" TERM INT; sleep 62; sleep 63\nFROM busybox:1\nCOPY --from=one /etc /a\nCOPY --from=two /etc /b\n' >DT
TERM=xterm python3 "$HERE/tests/run/terminal.py" 24 80 expect:two sleep:0.5 'send:\x03' -- "$BIN/minictr" build -f DT . >"$T/tty"; rc=$?
check "Ctrl-C ends the steps of both stages: status 130" "$rc $(grep -ao 'CANCELED .[a-z]* 2/2' "$T/tty" | sort -u | wc -l)" = "130 2"
check "... and leaves no process, no mount, nothing half made" "$(pgrep -f 'sleep 6[0-3]' | wc -l) $(grep -c "$T/root" /proc/self/mountinfo) $(find "$MINICTR_ROOT/build" -maxdepth 1 -name 'tmp*' | wc -l)" = "0 0 0"

# --- network ---
ip link set lo up 2>/dev/null
printf 'FROM busybox:1\nRUN ip route | sed -n "s/.*via .* dev \\(eth0\\).*/way by \\1/p"; ping -c1 -W2 $(ip route | sed -n "s/.*via \\([0-9.]*\\).*/\\1/p") >/dev/null && echo reached\nRUN ls /sys/class/net\n' >D11
b -f D11 .; check "RUN has the bridge network, one for all RUNs of a stage" "$(grep -cE '^#[0-9]+ [0-9.]+ (way by eth0|reached|eth0)$' "$T/err")" -eq 3
check "its cable and its address are given back" "$(ip -br link | grep -c '^v') $(cat "$MINICTR_ROOT"/networks/bridge/leases 2>/dev/null | grep -c build)" = "0 0"
printf 'FROM busybox:1\nRUN readlink /proc/self/ns/net\n' >D12
b -f D12 --network host .; check "--network host" "$(cat "$T/err")" "~" " $(readlink /proc/self/ns/net | sed 's/[][]/./g')$"

mc network create inb >/dev/null; mc run -d --name tgt --network inb --network-alias target.docker busybox:1 sleep 100 >/dev/null
printf 'FROM busybox:1\nRUN ping -c1 -W2 target.docker >/dev/null && ping -c1 -W2 tgt >/dev/null && echo both names\n' >D13
b -f D13 --network inb .; check "--network NAME: neighbours are found by name" "$(grep -cE '^#[0-9]+ [0-9.]+ both names$' "$T/err")" = 1
b -f D13 --no-cache .; check "... not without it" "$? $(grep -cE '^#[0-9]+ [0-9.]+ both names$' "$T/err")" = "1 0"
b -f D13 --network nosuch .; check "--network of none is an error" "$? $(cat "$T/err")" "~" '^1 .*network nosuch not found'
mc rm -f tgt >/dev/null; exits 0 "its address in that network is given back, too" mc network rm inb

# --- explain, builder prune ---
check "what would tie a layer to those below is off, whatever the host's default" "$(mc explain -v run --rm busybox:1 true 2>&1 | grep -o '\(redirect_dir\|metacopy\|index\)[", =]*off' | cut -c1-5 | tr '\n' ' ')" = "redir metac index "
mc explain build -f D11 . >"$T/x1" 2>&1; check "explain tells key and layer of a hit" "$(cat "$T/x1")" "~" "build.hit .*key [0-9a-f]{12} names layer [0-9a-f]{12}|build.hit .*key [0-9a-f]{12}"
sed -i 's/class.net/class/' D11; mc explain build -f D11 . >"$T/x1" 2>&1; check "and of a miss" "$(cat "$T/x1")" "~" "build.miss .*no build has kept a result under key"
mc image prune -af >/dev/null; before=$(ls "$MINICTR_ROOT/layers" | wc -l)
df() { mc system df --format '{{.Type}} {{.TotalCount}} {{.Size}}' | grep 'Build Cache'; }
check "system df shows the cache" "$(df)" "~" "^Build Cache [1-9][0-9]* [0-9.]+[kM]?B$"
check "builder prune says what it freed" "$(mc builder prune -af)" "~" "^Total reclaimed space: [0-9.]+[kM]?B$"
check "nothing of it is left" "$(df)" = "Build Cache 0 0B"
check "and the layers are gone" "$before $(ls "$MINICTR_ROOT/layers" | grep -v empty | wc -l) $(ls "$MINICTR_ROOT/build/caches" | wc -l)" "~" "^[1-9][0-9]* 0 0$"
