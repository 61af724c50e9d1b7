#!/bin/sh
# 85-build-image.sh - minictr build: what the image says of itself, where contexts come from, where results go, what is shown.
. "$(dirname "$0")/lib.sh"
need_root
busybox_rootfs "$T/rootfs"; tar -C "$T/rootfs" -c . | mc import -c 'CMD ["from", "base"]' - busybox:1 >/dev/null
mkdir "$T/ctx"; cd "$T/ctx" || exit 1
b() { mc build --progress plain "$@" >"$T/out" 2>"$T/err" </dev/null; }
dockerfile() { { echo 'FROM busybox:1'; cat; } >"$T/D"; }
config() { mc inspect "$1" | jq -c ".[0].Config.$2"; }
plan 63

# --- SOURCE_DATE_EPOCH ---
echo f >f; mkdir d; echo g >d/g
dockerfile <<'D'
RUN mkdir /made && echo x >/made/x && touch -d "2001-01-01 00:00:00" /made/old && rm /bin/vi
COPY . /c/
WORKDIR /w
RUN rm -rf /made && mkdir /made
D
SOURCE_DATE_EPOCH=1700000000; export SOURCE_DATE_EPOCH
b -f "$T/D" -q -t e1 .; one=$(cat "$T/out"); sleep 1.1; touch f d/g
b -f "$T/D" -q --no-cache -t e2 .; check "with SOURCE_DATE_EPOCH two builds are one image" "$(cat "$T/out")" = "$one"
unset SOURCE_DATE_EPOCH
check "it is the image's time" "$(mc inspect --format '{{.Created}}' e1)" "~" "^2023-11-14T22:13:20"
check "later times become it, earlier ones stay" "$(mc run --rm -e TZ=UTC --entrypoint stat e1 -c '%y' /c/d/g | cut -c1-19)" = "2023-11-14 22:13:20"
check "the base's layer is not rewritten" "$(mc inspect e1 | jq -r '.[0].RootFS.Layers[0]')" = "$(mc inspect busybox:1 | jq -r '.[0].RootFS.Layers[0]')"
b -f "$T/D" -t e3 --build-arg SOURCE_DATE_EPOCH=1600000000 .; check "as --build-arg, too" "$(mc inspect --format '{{.Created}}' e3)" "~" "^2020-09-13"

# --- configuration ---
dockerfile <<'D'
MAINTAINER someone
ENV PATH=/opt:$PATH E=1
ENV E=2 F="a b"
LABEL a=1 "b c"="d e"
EXPOSE 80 8000-8002/udp
VOLUME /v ["x"]
RUN mkdir -p /v && echo kept >/v/file
USER 10:20
WORKDIR /w
STOPSIGNAL SIGRTMIN+3
HEALTHCHECK --interval=5s --retries=2 CMD true
SHELL ["/bin/sh", "-ec"]
ENTRYPOINT ["/bin/echo"]
D
b -f "$T/D" -t c --label a=9 --label z=1 .; check "every instruction that only configures" $? = 0
check "Env: replaced in place" "$(config c Env)" = '["PATH=/opt:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin","E=2","F=a b"]'
check "labels, --label last" "$(config c Labels)" = '{"a":"9","b c":"d e","z":"1"}'
check "ports, ranges as single ports" "$(config c 'ExposedPorts | keys')" = '["80/tcp","8000/udp","8001/udp","8002/udp"]'
check "user, directory, stop signal" "$(config c User)$(config c WorkingDir)$(config c StopSignal)" = '"10:20""/w""SIGRTMIN+3"'
check "health check and shell, that OCI does not know" "$(config c 'Healthcheck.Interval')$(config c Shell)" = '5000000000["/bin/sh","-ec"]'
check "ENTRYPOINT clears an inherited CMD" "$(config c Cmd)$(config c Entrypoint)" = 'null["/bin/echo"]'
check "the author" "$(mc inspect --format '{{.Author}}' c)" = someone
check "VOLUME then RUN: what was written stays" "$(mc run --rm -u 0 --entrypoint cat c /v/file)" = kept
check "one entry of history for each instruction" "$(mc history -q c | wc -l)" -eq "$(($(mc history -q busybox:1 | wc -l) + 13))"
check "as many that are not empty as layers" "$(jq '[.history[] | select(.empty_layer | not)] | length' "$MINICTR_ROOT/images/blobs/sha256/$(mc inspect --format '{{.Id}}' c | sed 's/sha256://')")" -eq "$(mc inspect c | jq '.[0].RootFS.Layers | length')"
dockerfile <<'D'
ONBUILD COPY f /onbuild/
ONBUILD RUN echo triggered >>/onbuild/log
D
b -f "$T/D" -t parent .; printf 'FROM parent AS x\nRUN true\nFROM x\nRUN true\n' >"$T/D"; b -f "$T/D" -t child .
check "ONBUILD runs in the child, once, also with stages on it" "$(mc run --rm child cat /onbuild/f /onbuild/log | tr '\n' ' ')" = "f triggered "
check "and not in the grandchild" "$(config child OnBuild)" "~" 'null|\[\]'
printf 'FROM busybox:1\nONBUILD COPY --from=s /f /g\n' >"$T/D"; b -f "$T/D" -t wants .; printf 'FROM busybox:1 AS s\nRUN echo made >/f\nFROM wants\n' >"$T/D"
timeout 60 "$BIN/minictr" build -q -f "$T/D" -t wanting . >/dev/null 2>&1; check "a stage that only a base's ONBUILD names is built" "$(mc run --rm wanting cat /g)" = made
printf 'ARG G=1\nFROM busybox:1\nARG G\nARG A=1 B=${A}x\nENV A=2\nRUN echo "$G $A $B" >/r\n' >"$T/D"; b -f "$T/D" -t a .; check "ARG before FROM, one ARG sees the one before, ENV beats ARG" "$(mc run --rm a cat /r)" = "1 2 1x"
printf 'FROM scratch\n' >"$T/D"; b -f "$T/D" -t empty .; check "FROM scratch alone" "$? $(mc inspect empty | jq '.[0].RootFS.Layers | length')" = "0 0"
printf 'FROM busybox:1\nARG TARGETARCH TARGETOS BUILDPLATFORM\nRUN echo $TARGETOS/$TARGETARCH $BUILDPLATFORM >/p\n' >"$T/D"; b -f "$T/D" -t p .; arch=$(mc inspect --format '{{.Architecture}}' busybox:1)
check "predefined ARGs of the platform" "$(mc run --rm p cat /p)" = "linux/$arch linux/$arch"

# --- contexts ---
printf 'FROM busybox:1\nCOPY f /f\n' >Dockerfile
tar -c . | mc build -q -t s1 - >/dev/null; check "a tar on standard input" "$(mc run --rm s1 cat /f)" = f
tar -cz . | mc build -q -t s1 - >/dev/null; check "a compressed one" $? = 0
tar -cT /dev/null | mc build - >/dev/null 2>"$T/err"; check "an empty one is told as such" "$? $(cat "$T/err")" "~" "^1 .*an archive without a single file"
printf 'FROM busybox:1\nRUN echo in >/in\n' | mc build -q -t s2 - >/dev/null; check "a Dockerfile on standard input" "$(mc run --rm s2 cat /in)" = in
printf 'FROM busybox:1\nCOPY f /g\n' | mc build -q -t s3 -f - . >/dev/null; check "-f - with a directory" "$(mc run --rm s3 cat /g)" = f
mkdir other; echo o >other/o; printf 'FROM busybox:1\nCOPY --from=o /o /o\nRUN --mount=type=bind,from=o,target=/m cat /m/o >/m2\nCOPY --from=img /bin/busybox /b\n' >"$T/D"
b -f "$T/D" --build-context o=other --build-context img=docker-image://busybox:1 -t s4 .; check "--build-context: a directory, and an image" "$? $(mc run --rm s4 cat /o /m2 | tr '\n' ' ')" = "0 o o "
port=$(free_port); mkdir "$T/www"; tar -czf "$T/www/c.tgz" . ; (cd "$T/www" && exec python3 -m http.server -b 127.0.0.1 "$port" >/dev/null 2>&1) & PIDS="$PIDS $!"; eventually 5 curl -s "http://127.0.0.1:$port/"
b -t s5 "http://127.0.0.1:$port/c.tgz"; check "the URL of a tar" "$? $(mc run --rm s5 cat /f)" = "0 f"
b -t s6 ./nodir; check "a context that is not there" "$? $(tr "\n" " " <"$T/err")" "~" "^1 .*minictr build \."
mkdir sub; printf 'FROM busybox:1\nCOPY f /f\n' >sub/Other; b -f sub/Other -t s7 .; check "-f elsewhere does not move the context" $? = 0

# --- results ---
printf 'FROM scratch\nCOPY f /out/f\nCOPY d /out/d\n' >Dockerfile
b -o "$T/o1" .; check "-o DIR: the files" "$(cd "$T/o1" && find . -type f | sort | tr '\n' ' ')" = "./out/d/g ./out/f "
b -o type=tar,dest="$T/o.tar" .; check "type=tar" "$(tar -tf "$T/o.tar" | grep -c out/)" -eq 4
mc build -q -o - . 2>/dev/null | tar -t >/dev/null; check "-o -: a tar on standard output" $? = 0
check "type=tar without a place, too" "$(mc build -q -o type=tar . 2>/dev/null | tar -t | grep -c out/)" -eq 4
b -t oci:1 -o type=oci,dest="$T/o.oci" .; if needs skopeo; then check "type=oci is read by skopeo" "$(skopeo inspect "oci-archive:$T/o.oci" | jq '.Layers | length')" -eq 2; else skip "type=oci" "no skopeo"; fi
b -o type=nothing,dest=x .; check "an unknown type" "$? $(tr "\n" " " <"$T/err")" "~" "^125 .*unknown type"
mc build -q -t q --iidfile "$T/iid" --metadata-file "$T/md" . >"$T/q" 2>"$T/err"; check "-q prints the id and nothing else; --iidfile has no newline" "$(cat "$T/q") $(wc -c <"$T/iid") $(wc -c <"$T/err")" = "$(cat "$T/iid") 71 0"
check "--metadata-file" "$(jq -r '."containerimage.config.digest", ."image.name"' "$T/md" | tr '\n' ' ')" = "$(cat "$T/iid") q "
b -t n1 -t localhost:5000/n2:x .; check "-t twice" "$(mc inspect --format '{{.Id}}' n1)" = "$(mc inspect --format '{{.Id}}' localhost:5000/n2:x)"
check "image tree: what made each layer of this image, and no other's" "$(mc image tree n1 | tr '\n' ' ')" "~" 'there `- layer [0-9a-f]{12}  2B  \[COPY f /out/f # buildkit\] .*   `- layer [0-9a-f]{12}  2B  \[COPY d /out/d # buildkit\].*  n1:latest'
check "... a name that no image has draws none" "$(mc image tree nosuch | wc -l)" -eq 1
b -t 'Bad Name' .; check "a bad name is refused before anything is done" "$? $(grep -c '^#' "$T/err")" = "125 0"

# --- messages ---
printf 'FROM busybox:1\nCOPPY a b\nCOPY --chwon=1 a b\nRUN <<E\n' >"$T/D"; b -f "$T/D" .; check "all syntax errors at once, with place and suggestion" "$? $(tr '\n' ' ' <"$T/err")" "~" '^1 .*D:2:1: .*did you mean COPY.*D:3:6: .*did you mean --chown.*D:4'
printf 'ARG B=busybox:1\nFROM $B\nRUN echo ran\nENV a=${b\nFROM scratch AS broken\nENV c="\n' >"$T/D"; b -f "$T/D" --target 0 .; check "what fails once variables are replaced, too, in the stages that are built: line and caret, and nothing has run" "$? $(grep -cE 'ran$|ENV c=' "$T/err") $(tr '\n' ' ' <"$T/err")" "~" "^1 0 .*D:4:7: missing '}' behind .\{b .* 4 \| ENV a=.\{b +\|       \^ "
printf 'FROM busybox:1\nRUN echo ran\nRUN --mount=type=tmpfs true\n' >"$T/D"; b -f "$T/D" .; check "a RUN --mount, too" "$? $(grep -c '^#' "$T/err") $(cat "$T/err")" "~" "^1 0 .*D:3:1: --mount: target is required"
printf 'FROM busybox:1\nFROM $none\n' >"$T/D"; b -f "$T/D" .; check "in FROM, too" "$? $(tr '\n' ' ' <"$T/err")" "~" '^1 .* 2 . FROM .none +[|]      \^ .*build-arg'
printf 'FROM busybox:1 AS first\nRUN true\nFROM first AS last\n' >"$T/D"; b -f "$T/D" --target firts .; check "an unknown --target: suggestion" "$? $(tr "\n" " " <"$T/err")" "~" "^1 .*did you mean first"
b -f "$T/D" --target first -t tt .; check "--target" $? = 0
tar -C "$T/rootfs" -c . | mc import --platform linux/s390x - other:1 >/dev/null; printf 'FROM other:1\nFROM --platform=linux/s390x other:1\n' >"$T/D"
mc build --check -f "$T/D" . >"$T/out" 2>&1; check "--check: an image for another machine" "$(grep -A1 WARNING "$T/out" | head -2 | tr '\n' ' ')" "~" '^WARNING: InvalidBaseImagePlatform Base image other:1 was pulled with platform "linux/s390x", expected "linux/[a-z0-9]*" for current build $'
check "... only where it is another" "$(grep -c InvalidBase "$T/out")" = 1
printf 'FROM busybox:1\nMAINTAINER x\nCMD sh\n' >"$T/D"; mc build --check -f "$T/D" . >"$T/out" 2>&1; check "--check: rules by name, exit status 1, nothing built" "$? $(grep -c WARNING "$T/out")" = "1 2"
b -f "$T/D" .; check "a build tells them in a line each" "$? $(tr "\n" " " <"$T/err")" "~" "^0 .*MaintainerDeprecated.*line 2"
printf '# check=error=true\nFROM busybox:1\nMAINTAINER x\n' >"$T/D"; b -f "$T/D" .; check "check=error=true fails" $? = 1
printf 'FROM busybox:1\nRUN echo out; echo err >&2; printf "no end"\n' >"$T/D"; b -f "$T/D" --no-cache .
check "plain progress is BuildKit's" "$(cat "$T/err")" "~" '^#2 \[2/2\] RUN echo out'
check "output of both streams, the last line without its end, too" "$(grep -cE '^#2 [0-9.]+ (out|err|no end)$' "$T/err")" -eq 3
check "and the time" "$(cat "$T/err")" "~" '^#2 DONE [0-9.]+s$'
check "build log shows it again" "$(mc build log | grep -c 'no end')" -eq 2
if needs script; then script -qec "$BIN/minictr build --no-cache -f $T/D ." /dev/null >"$T/tty" 2>&1 </dev/null; check "on a terminal a table" "$(cat "$T/tty")" "~" 'Building [0-9.]+s \(2/2\)'; check "that holds the step and its time" "$(cat "$T/tty")" "~" '= \[2/2\] RUN echo out.* [0-9.]+s'; else skip "on a terminal a table" "no script"; skip "and its time" "no script"; fi
check "every flag of docker build that means something here is in --help" "$(mc build --help)" "~" "--no-cache-filter"
mc build . extra >/dev/null 2>"$T/err"; check "two contexts: usage" "$? $(tr "\n" " " <"$T/err")" "~" "^1 .*requires 1 argument"
check "system prune -a takes the build cache too" "$(mc system df --format '{{.Type}} {{.Size}}' | grep -c 'Build Cache 0B') $(mc system prune -af >/dev/null; mc system df --format '{{.Type}} {{.Size}}' | grep -c 'Build Cache 0B')" = "0 1"
