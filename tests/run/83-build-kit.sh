#!/bin/sh
# 83-build-kit.sh - minictr build beside BuildKit, the one inside dockerd: the Dockerfiles of build-corpus.sh, and those where
# buildah does otherwise. BuildKit's way is the one to follow.
. "$(dirname "$0")/lib.sh"
need_root
needs dockerd jq || skip_all "docker is not installed (make peers)"
# That BuildKit speaks with clients before 23; later ones want a plugin, buildx.
for KIT in $(which -a docker) ""; do case $("${KIT:-true}" -v) in *"version 19."*|*"version 20."*) break ;; esac; done
[ -n "$KIT" ] || skip_all "no docker client before 23 (later ones need buildx)"
# Not exported: minictr itself goes where DOCKER_HOST says.
kit() { DOCKER_HOST=unix://$T/d.sock DOCKER_CONFIG=$T/dc DOCKER_BUILDKIT=1 "$KIT" "$@"; }
background dockerd -H "unix://$T/d.sock" --data-root "$T/dd" --exec-root "$T/de" --pidfile "$T/d.pid" --bridge none --iptables=false --ip6tables=false --storage-driver vfs >"$T/dockerd.log" 2>&1
. "$(dirname "$0")/build-corpus.sh"
eventually 20 kit version || skip_all "dockerd does not start here: $(grep -i fail "$T/dockerd.log" | tail -1)"
kit load -q -i "$T/base.tar" >/dev/null 2>"$T/err" || skip_all "docker cannot load an image here: $(head -c 200 "$T/err")"
awk -v d="$T/d" 'BEGIN {RS = ""} {n = $1; sub(/^[^\n]*\n/, ""); print > (d "/" n)}' <<'D'
kit-volume
FROM localhost/base:1
VOLUME /data
RUN mkdir -p /data && echo kept >/data/f

kit-arg
FROM localhost/base:1
ENV A=env
ARG A=arg
RUN echo $A >/a
ENV A=last
RUN echo $A >/b

kit-onbuild
FROM localhost/base:1 AS base
ONBUILD RUN echo once >>/once
FROM base AS child
FROM child
RUN cat /once >/copy

kit-expose
FROM localhost/base:1
EXPOSE 8000-8003 53/udp

kit-cache
FROM localhost/base:1
RUN mkdir -p /in /scratch /var/cache/x
RUN --mount=type=cache,target=/var/cache/x echo c >/var/cache/x/f
RUN --mount=type=bind,source=src,target=/in cp /in/1.txt /got
RUN --mount=type=tmpfs,target=/scratch touch /scratch/t

kit-parents
FROM localhost/base:1
USER app
COPY --chown=7:8 top.txt /n/e/w/f
WORKDIR /n/own

kit-conflict
FROM localhost/base:1
RUN mkdir /dir && ln -s dir /to
COPY src/sub /to
COPY top.txt /to/
ADD a.tar /to

kit-scratch
FROM scratch
COPY . /
ENV A=$HOME
LABEL x="$A"
D
# What `docker create` adds to a tree. Mount points of RUN are there before: BuildKit of that age leaves them in the layer, today's
# and ours do not.
added='\.dockerenv|dev/console|etc|etc/hosts|etc/resolv.conf|etc/hostname|etc/mtab'
plan $(($(ls "$T/d" | wc -l) * 2))
for f in "$T"/d/*; do
	ours "$f" "$T/mine" "$T/mine.json" || continue
	kit build -q --network none -f "$f" -t "their:$n" . >/dev/null 2>"$T/err2" || {
		grep -q "missing ':' in substitution" "$T/err2" && { skip "$n: files" "this BuildKit does not know \${v%p}"; skip "$n: configuration" "no peer"; continue; }
		not_ok "$n: BuildKit builds it" "$(tail -c 300 "$T/err2")"; not_ok "$n: configuration" "no peer"; continue; }
	mkdir "$T/y"; c=$(kit create "their:$n" none); kit export "$c" | tar -C "$T/y" -xp; kit rm "$c" >/dev/null
	list "$T/y" | grep -vE " ($added)( .*)?$|  \./($added)$" >"$T/theirs"; rm -rf "$T/y"
	grep -vE " ($added)( .*)?$|  \./($added)$" "$T/mine" >"$T/mine2"
	kit inspect "their:$n" | jq '.[0] | {config: .Config, author: .Author, os: .Os, architecture: .Architecture}' | config >"$T/theirs.json"
	same "$n: files as BuildKit's" "$T/theirs" "$T/mine2"
	same "$n: configuration as BuildKit's" "$T/theirs.json" "$T/mine.json"
done
