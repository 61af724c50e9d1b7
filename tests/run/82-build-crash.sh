#!/bin/sh
# 82-build-crash.sh - minictr build: Ctrl-C, kill -9, two builds at once, hostile input: nothing is left, nothing lies.
. "$(dirname "$0")/lib.sh"
need_root
busybox_rootfs "$T/rootfs"; tar -C "$T/rootfs" -c . | mc import - busybox:1 >/dev/null
mkdir "$T/ctx"; cd "$T/ctx" || exit 1
mounts() { grep -c "$T" /proc/self/mountinfo; }
temps() { find "$MINICTR_ROOT/build" -maxdepth 1 \( -name 'tmp-*' -o -name 'alive-*' \) | wc -l; }
sleeping() { pgrep -f "sleep 98765$1" | wc -l; }  # only processes of our own: the number is this test's
gone() { [ "$(sleeping "$1")" = 0 ]; }
begun() { [ "$(sleeping "$1")" -gt 0 ]; }
RUN_DIR=/run/minictr/$(python3 -c "
h = 0xcbf29ce484222325
for c in b'$MINICTR_ROOT': h = (h ^ c) * 0x100000001b3 % 2**64
print('%016x' % h)")
plan 30

# --- Ctrl-C ---
cat >Dockerfile <<'D'
FROM busybox:1 AS a
RUN echo one >/one
RUN echo begun; sleep 987651 & sleep 987651
FROM busybox:1 AS b
RUN sleep 987651
FROM scratch
COPY --from=a /one /
COPY --from=b /one /
D
"$BIN/minictr" build --progress plain -t c . >"$T/out" 2>"$T/err" & pid=$!; PIDS="$PIDS $pid"
eventually 10 begun 1
kill -INT $pid; wait $pid; check "Ctrl-C: exit status 130" $? = 130
eventually 5 gone 1; check "every RUN has ended" "$(sleeping 1)" -eq 0
check "no mount, no temporary directory, no state of a container" "$(ls -d "$RUN_DIR/build/containers" | wc -l) $(mounts) $(temps) $(find "$RUN_DIR/build-oci" "$RUN_DIR/build/containers" -name "build-*-*" | wc -l)" = "1 0 0 0"
check "no image" "$(mc images -q c | wc -l)" -eq 0
sed -i 's/RUN echo begun.*/RUN true/; s/^RUN sleep.*/RUN cp \/bin\/busybox \/one/' Dockerfile
mc build --progress plain . >/dev/null 2>"$T/err"; check "finished steps stay cached" "$(grep -c 'CACHED' "$T/err")" -ge 2

port=$(free_port)
python3 -c "import socket, time; s = socket.create_server(('127.0.0.1', $port)); time.sleep(60)" & PIDS="$PIDS $!"
printf 'FROM 127.0.0.1:%s/never:1\n' "$port" >DP
eventually 10 python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))"
"$BIN/minictr-build" build --progress plain -f DP . >"$T/out" 2>"$T/err" & pid=$!; PIDS="$PIDS $pid"
eventually 10 pgrep -P $pid >/dev/null; kill -INT $pid; eventually 5 sh -c "! kill -0 $pid"; wait $pid
check "a signal to the build alone ends a download that hangs" "$? $(tail -1 "$T/err")" "~" "^130 .*canceled"
check "a canceled build is no failed one" "$(cat "$T/err")" "!~" "ERROR|cannot be fetched"

# --- kill -9 of the OCI runtime below a RUN ---
printf 'FROM busybox:1\nRUN sleep 987653; true\n' >DO
"$BIN/minictr-build" build --progress plain -f DO . >"$T/out" 2>"$T/err" & pid=$!; PIDS="$PIDS $pid"
eventually 10 begun 3; kill -9 $(pgrep -f "minictr-oci --root $RUN_DIR"); wait $pid
check "kill -9 of the OCI runtime: the step fails, and no process of it is left" "$? $(sleeping 3)" = "1 0"

# --- kill -9 of the build ---
printf 'FROM busybox:1\nRUN echo early >/e\nRUN echo begun; sleep 987652\n' >D2
"$BIN/minictr-build" build --progress plain -f D2 . >"$T/out" 2>"$T/err" & pid=$!; PIDS="$PIDS $pid"
eventually 10 begun 2; kill -9 $pid; wait $pid 2>/dev/null
eventually 5 gone 2; check "kill -9: the container ends by itself" "$(sleeping 2)" -eq 0
check "no mount is left" "$(mounts)" -eq 0
sed -i 's/; sleep.*//' D2; mc build --progress plain -f D2 . >/dev/null 2>"$T/err"
check "the next build takes away what was left, and the early step is cached" "$? $(temps) $(grep -c CACHED "$T/err")" = "0 0 2"

# --- kill -9 at any moment: a build of many small steps, killed after more and more of them ---
{ echo FROM busybox:1; for i in $(seq 12); do echo "COPY f$i /f$i"; echo "RUN echo $i >/r$i"; done; } >D3
for i in $(seq 12); do echo "$i" >f$i; done
for ms in 10 30 60 90 120 160 200 250; do
	"$BIN/minictr-build" build -q -f D3 -t many . >/dev/null 2>&1 & pid=$!
	python3 -c "import time; time.sleep($ms/1000)"; kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
done
# Every cache entry names a layer that is there, and whose tar has the name it is under.
lies=0; for e in "$MINICTR_ROOT"/build/cache/*; do
	l=$(jq -r .layer "$e" | sed 's/sha256://'); [ -n "$l" ] || continue
	[ -d "$MINICTR_ROOT/layers/$l/fs" ] && [ "$(sha256sum <"$MINICTR_ROOT/images/blobs/sha256/$l" | cut -d' ' -f1)" = "$l" ] || lies=$((lies + 1)); done
check "no cache entry lies" "$lies" -eq 0
mc build -q -f D3 -t many . >/dev/null 2>"$T/err"; check "the build succeeds in the end" "$?" = 0
check "and the image is whole" "$(mc run --rm many sh -c 'cat /f1 /f12 /r1 /r12' | tr '\n' ' ')" = "1 12 1 12 "
check "nothing is left of the killed ones" "$(temps) $(find "$MINICTR_ROOT/layers" -maxdepth 1 -name 'tmp-*' | wc -l) $(mounts) $(ls "$MINICTR_ROOT/build/locks" | wc -l)" = "0 0 0 0"

# --- two builds at once ---
{ echo FROM busybox:1; echo 'RUN head -c 32 /dev/urandom >/random'; for i in $(seq 6); do echo "RUN echo $i >/p$i"; done; } >D4
for i in 1 2 3; do mc build --progress plain -f D4 -t par$i . >"$T/par$i" 2>&1 & PIDS="$PIDS $!"; eval "p$i=$!"; done
wait $p1; r1=$?; wait $p2; r2=$?; wait $p3; check "three builds of one Dockerfile at once" "$r1 $r2 $?" = "0 0 0"
check "each step ran once" "$(cat "$T"/par? | grep -c '^#[0-9]* DONE')" -eq 7
check "and all have the same layers" "$(for i in 1 2 3; do mc inspect par$i | jq -c '.[0].RootFS.Layers'; done | sort -u | wc -l)" -eq 1
printf 'FROM busybox:1 AS a\nRUN --mount=type=cache,id=l,sharing=locked,target=/c mkdir /c/x && sleep 0.1 && rmdir /c/x\nFROM busybox:1 AS b\nRUN --mount=type=cache,id=l,sharing=locked,target=/c mkdir /c/x && sleep 0.1 && rmdir /c/x; true\nFROM scratch\nCOPY --from=a /bin/busybox /a\nCOPY --from=b /bin/busybox /b\n' >D5
mc build --progress plain -f D5 . >/dev/null 2>"$T/err"; check "a locked cache is had by one step at a time" "$? $(grep -c "File exists" "$T/err")" = "0 0"

# --- hostile ---
mkfifo Fifo; timeout 5 "$BIN/minictr" build -f Fifo . >/dev/null 2>"$T/err"; check "a FIFO as Dockerfile is refused at once" "$? $(cat "$T/err")" "~" "^1 .*not a regular file"
mkfifo fifo; ln -s /etc/shadow shadow; printf 'FROM scratch\nCOPY . /\n' >D6; timeout 10 "$BIN/minictr" build -q -f D6 -o "$T/o6" . >/dev/null 2>"$T/err"
check "a FIFO in the context is left out, a link to a secret stays a link" "$? $(ls "$T/o6/fifo" 2>/dev/null)$(readlink "$T/o6/shadow")" = "0 /etc/shadow"
rm fifo Fifo shadow; mkdir evil; printf 'FROM busybox:1\nCOPY Dockerfile /\n' >evil/real; ln -s /etc/passwd evil/Dockerfile
tar -C evil -c Dockerfile real | mc build - >/dev/null 2>"$T/err"; check "a tar's Dockerfile that is a link out of it is not found" "$(cat "$T/err")" "~" "failed to read dockerfile"
printf 'FROM busybox:1\nRUN mount -t tmpfs x /mnt 2>&1; mknod /dev/sda b 8 0 2>&1; cat /proc/1/status | grep -E "^(CapEff|Seccomp|NoNewPrivs):"; ls /proc/1/root/../../'"$T"' 2>&1 | head -1\n' >D7
mc build --progress plain -f D7 . >/dev/null 2>"$T/err"; check "RUN has the engine's default confinement" "$(cat "$T/err")" "~" "Seccomp:.*2"
check "default capabilities only" "$(grep CapEff "$T/err")" "~" "00000000a80425fb"
printf 'FROM busybox:1\nRUN echo ran\nRUN --network=host readlink /proc/self/ns/net\n' >DN
mc build --progress plain -f DN . >/dev/null 2>"$T/err"; check "a Dockerfile alone does not get the network of this machine, and nothing has run" "$? $(grep -c '^#' "$T/err") $(cat "$T/err")" "~" "^1 0 .*DN:3:5: .*--allow network.host"
mc build --progress plain --allow network.host -f DN . >/dev/null 2>"$T/err"; check "--allow network.host gives it" "$? $(grep -cF " $(readlink /proc/self/ns/net)" "$T/err")" = "0 1"
printf 'FROM busybox:1\nONBUILD RUN --network=host true\n' >DN; mc build -q -t onb -f DN . >/dev/null 2>&1; printf 'FROM onb\n' >DN
mc build -f DN . >/dev/null 2>"$T/err"; check "... nor does a base image's ONBUILD" "$? $(tr "\n" " " <"$T/err")" "~" "^1 .*--allow network.host"
printf 'FROM busybox:1\nRUN --mount=type=bind,source=../../../etc,target=/m cat /m/passwd\n' >D8
mc build --progress plain -f D8 . >"$T/out" 2>"$T/err"; check "a bind's source does not leave the context" "$? $(grep -c root:x:0 "$T/err")" = "1 0"
mkdir lnk; ln -s /nowhere/x lnk/etc
printf 'FROM scratch\nCOPY --from=busybox:1 /bin /bin\nCOPY lnk /\nRUN ln -s /nowhere /planted\nRUN --mount=type=tmpfs,target=/planted/new true\nRUN cat /etc/hosts\n' >D9
mc build --progress plain -f D9 -t planted . >"$T/out" 2>"$T/err"; check "links of the image as mount points stay inside it, and leave nothing" "$? $(ls -d /nowhere 2>/dev/null) $(find "$MINICTR_ROOT"/layers/*/fs -path '*nowhere*' | wc -l)" = "0  0"
printf 'FROM busybox:1\nRUN printf "\\033]0;owned\\007\\033[2J" && echo a | tr a "\\r"\n' >D10
mc build --progress plain -f D10 . >/dev/null 2>"$T/err"; check "control characters of a program do not reach the terminal" "$(grep -c "$(printf '\033')" "$T/err")" -eq 0
