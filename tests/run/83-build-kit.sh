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

kit-dest
FROM localhost/base:1
RUN mkdir -p /real/dir && ln -s /real /abs && ln -s real/dir rel && ln -s ../../../real /climb && ln -s missing/x /dangle && ln -s /real/dir/tgt /tofile && echo longer than the new >/real/dir/tgt
WORKDIR /w/x
COPY top.txt .
COPY top.txt ../../../up
COPY src/1.txt r/2.txt
COPY top.txt /new1/new2/f
COPY top.txt /abs/1
COPY top.txt rel/2
COPY top.txt /climb/3
COPY top.txt /tofile
COPY src/sub /abs/dir
COPY src /abs/dir/
WORKDIR /abs/dir/new
RUN touch here
WORKDIR /dangle/sub

kit-names
FROM localhost/base:1
ARG S=src D=/dst
ENV F=1.txt
COPY odd/[[]x].txt odd/st\*r od?/b* /o/
COPY ["odd/b l.txt", "nothing*", "/with blank/"]
COPY "top.txt" /quoted/
COPY nothing* top.txt $S/$F ${D}${D}/
COPY --chown=${U:-7}:${G:-8} top.txt $D/t
COPY src/../top.txt ./src/. /c/

kit-owners
FROM localhost/base:1
RUN mkdir -m 711 /have && chown 9:9 /have && chmod 1777 /tmp
COPY --chown=app src /have/
COPY --chown=55 src/sub /s55
COPY --chown=66:77 --chmod=750 top.txt /have/m
COPY --chown=0:grp --chmod=0644 top.txt /have/m2
USER app
COPY top.txt /byroot
WORKDIR /own/y
RUN echo "$(id -u) $(id -g)" >/tmp/1; touch /tmp/mine
USER app:2000
RUN echo "$(id -u) $(id -g)" >/tmp/2
USER 77
RUN echo "$(id -u) $(id -g)" >/tmp/3; echo "$HOME" >>/tmp/3

kit-env
FROM localhost/base:1
ENV abc=hello
ENV abc=bye def=$abc
ENV old style  with   blanks
ENV D "quoted value"
ENV E a\ b\\c
ENV q="a b" r='c $abc' s=a\ b t="x\"y" u=\$abc v=$abc$def w=${abc}z e= f=""
ENV multi=1 \
    # a comment
    line=2
ENV BASE=over $abc=1 PATH=/p:$PATH
LABEL i j k
LABEL a.b='c "d"' e.f=g\ h multi="line \
two" "$abc"=v
RUN env | sort | grep -v -E '^(HOSTNAME|HOME|_|PWD|SHLVL)=' >/env

kit-args
ARG V=1
ARG W
FROM localhost/base:1 AS one
ARG V
ARG W=w
ARG Q="x y" R='$Q' B
ENV Z=$V$W
RUN echo "$V $W $Q $R $Z ${B-unset} ${U-unset}" >/r
FROM one
RUN echo "$V $W $Q" >/r2
ARG V=3
RUN echo "$V" >/r3

kit-run
FROM localhost/base:1
RUN echo a \
# c1
    # c2
    && echo b >/b
RUN ["/bin/sh","-c","echo $0 $1 >/x","p","q r"]
RUN ['/bin/sh']  || echo shell >/fallback
RUN echo 'single $HOME' "double $HOME" \$HOME >/q; [ -d /tmp ] && echo ok >/ok
run mkfifo /fifo && mknod /null c 1 3 && ln -s /x /ln && chown -h 5:6 /ln && touch /s && chown 3:4 /s && chmod 6755 /s && mkdir -m 2750 /g && chmod 711 /root && touch -d '1999-01-01 00:00:00' /old

kit-delete
FROM localhost/base:1
RUN mkdir -p /d/e/f && touch /d/a /d/b /d/e/c /d/e/f/g
RUN rm /d/a && rm -rf /d/e && mkdir /d/e && touch /d/e/new
RUN rm -rf /d/b && mkdir /d/b && touch /d/b/x
RUN rm -rf /d/e && touch /d/e
RUN mv /d /moved && ln -s moved /d && mkdir /moved/back && mv /moved/b /moved/back/b
COPY src /moved/back/b/

kit-add
FROM localhost/base:1
RUN mkdir -p /o/src && echo old >/o/src/1.txt && echo keep >/o/src/keep && chmod 700 /o/src && ln -s /o /lnk
ADD a.tar odd.tar /o
ADD a.tar /lnk/deeper/
ADD odd.tar /p
ADD src top.txt /q/

kit-stages
FROM localhost/base:1 AS b1
RUN mkdir -m 705 /out && echo 1 >/out/f && chown 5:6 /out/f /out && ln -s f /out/l && mkdir /out/e
FROM b1 AS b2
RUN echo 2 >/out/g
FROM scratch AS never
COPY nofile /
FROM localhost/base:1
COPY --from=b1 /out /o1
COPY --from=b2 out/ /o2/
COPY --from=1 --chown=1:2 /out/f /o3
COPY --from=b2 /out/* /o4/
COPY --from=B1 ./out/../out/l /o5
COPY --from=localhost/base:1 /etc/passwd /pw

kit-escape
# escape=`
from localhost/base:1 as stage
ENV A=b`
c
Run echo a `
 && echo 'b\c' >/r
ENV P=`$X Q="q`"r"
copy top.txt /a\b
cMd ["z"]

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
