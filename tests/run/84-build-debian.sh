#!/bin/sh
# 84-build-debian.sh - three stages: a C program is compiled on a Debian base and copied into scratch; cached the second
# time; the image runs under podman. The base (mmdebstrap with gcc, 350 MB) is made only when asked for: MINICTR_DEBIAN=FILE.tar
# names one, and is made there when it is missing.
. "$(dirname "$0")/lib.sh"
need_root
tar=${MINICTR_DEBIAN:-/var/tmp/minictr-test-debian.tar}
if [ ! -s "$tar" ]; then
	[ -n "${MINICTR_DEBIAN:-}" ] || skip_all "no Debian base: MINICTR_DEBIAN=FILE.tar makes and keeps one (a minute, 350 MB)"
	needs mmdebstrap || skip_all "mmdebstrap is not installed (make peers)"
	mmdebstrap -q --variant=essential --include=gcc,libc6-dev bookworm "$tar" >/dev/null 2>"$T/err" || skip_all "mmdebstrap: $(tail -1 "$T/err")"
fi
plan 7
mc import - localhost/debian:12 <"$tar" >/dev/null
mkdir "$T/ctx"; cd "$T/ctx" || exit 1
printf '#include <stdio.h>\nint main(void) { puts("compiled in a container"); return 0; }\n' >hello.c
cat >Dockerfile <<'D'
# syntax=docker/dockerfile:1
ARG BASE=localhost/debian:12
FROM ${BASE} AS toolchain
ENV CFLAGS="-O2 -static"
RUN gcc --version >/version

FROM toolchain AS build
WORKDIR /src
COPY *.c ./
RUN --mount=type=cache,target=/root/.cache set -e; for f in *.c; do \
      # one program for each file
      gcc $CFLAGS -o "${f%.c}" "$f"; \
    done

FROM scratch
LABEL org.opencontainers.image.title=hello
COPY --from=build --chown=65534:65534 /src/hello /hello
USER 65534
ENTRYPOINT ["/hello"]
D
mc build --progress plain -t localhost/hello:1 . >"$T/out" 2>"$T/err"; check "it builds cold" $? = 0
check "and runs" "$(mc run --rm localhost/hello:1)" = "compiled in a container"
begin=$(date +%s%3N); mc build --progress plain -t localhost/hello:1 . >"$T/out" 2>"$T/err"; rc=$?; ms=$(($(date +%s%3N) - begin))
check "the second time nothing runs" "$rc $(grep -c DONE "$T/err")" = "0 0"
check "in a small fraction of a second ($ms ms)" "$ms" -lt 1000
check "the image is one layer of one file" "$(mc inspect localhost/hello:1 | jq -r '.[0].RootFS.Layers | length')" -eq 1
sed -i 's/compiled in/changed in/' hello.c; mc build --progress plain -t localhost/hello:1 . >"$T/out" 2>"$T/err"
check "a changed source compiles again, the toolchain stage does not" "$(mc run --rm localhost/hello:1) $(grep -c '^#[0-9]* DONE' "$T/err")" = "changed in a container 3"
if needs podman; then
	pod() { podman --root "$T/p" --runroot "$T/pr" --tmpdir "$T/pt" --storage-driver vfs --cgroup-manager cgroupfs --events-backend none "$@"; }
	mc save localhost/hello:1 >"$T/hello.tar"; pod load -q -i "$T/hello.tar" >/dev/null 2>"$T/err"
	check "podman runs the image" "$(pod run --rm --network none --runtime "$BIN/minictr-oci" localhost/hello:1 2>>"$T/err" || tail -2 "$T/err")" = "changed in a container"
	pod rmi -af >/dev/null 2>&1
else skip "podman runs the image" "podman is not installed (make peers)"; fi
