#!/bin/sh
# 83-build-peers.sh - minictr build beside buildah: the same Dockerfiles give the same files and the same configuration.
# Known differences stand in the list at the end, each with the reason; a difference that is not in it fails.
. "$(dirname "$0")/lib.sh"
need_root
needs buildah jq || skip_all "buildah is not installed (make peers)"
busybox_rootfs "$T/rootfs"; echo 'app:x:1000:2000::/home/app:/bin/sh' >>"$T/rootfs/etc/passwd"; echo 'grp:x:2000:' >>"$T/rootfs/etc/group"
tar -C "$T/rootfs" -c . | mc import -c 'ENV BASE=1' -c 'CMD ["sh"]' -c 'LABEL from=base' - localhost/base:1 >/dev/null
mc save localhost/base:1 >"$T/base.tar"
ba() { buildah --root "$T/ba" --runroot "$T/bar" --storage-driver vfs "$@"; }
cleanup() { ba rm -a >/dev/null 2>&1; ba rmi -af >/dev/null 2>&1; }
ba pull -q docker-archive:"$T/base.tar" >/dev/null 2>"$T/err" || skip_all "buildah cannot load an image here: $(head -c 200 "$T/err")"
mkdir "$T/ctx" "$T/d"; cd "$T/ctx" || exit 1
mkdir -p src/sub; echo 1 >src/1.txt; echo 2 >src/sub/2; ln -s 1.txt src/l; ln src/1.txt src/h; chmod 600 src/sub/2; echo top >top.txt; tar -cf a.tar src; echo '*.log' >.dockerignore; echo x >x.log

# One Dockerfile for each paragraph, its name in the first line.
awk -v d="$T/d" 'BEGIN {RS = ""} {n = $1; sub(/^[^\n]*\n/, ""); print > (d "/" n)}' <<'D'
copy
FROM localhost/base:1
COPY src /a
COPY src/1.txt src/l /b/
COPY top.txt /c
COPY --chown=app:grp src /owned/deep/
COPY --chmod=640 top.txt /m
COPY . /all

run
FROM localhost/base:1
ENV A=1 B="two words" C=$BASE
RUN echo "$A $B $C" >/r && mkdir -p /x/y && chmod 700 /x && ln -s y /x/l && rm /bin/vi
WORKDIR /w/d
RUN touch here && chown 7:8 here
USER app
WORKDIR mine
RUN id -u >uid; id -g >gid

add
FROM localhost/base:1
ADD a.tar /t/
ADD top.txt /u/

stages
ARG TAG=1
FROM localhost/base:${TAG} AS one
RUN mkdir /o && echo o >/o/f && chown 5:6 /o/f && rm -rf /root && mkdir /root
FROM scratch
COPY --from=one /o /o
COPY --from=one /etc/passwd /p

config
FROM localhost/base:1
MAINTAINER me
LABEL a=b "c d"="e f"
EXPOSE 80 443/udp
VOLUME /v1 /v2
STOPSIGNAL SIGUSR1
USER 1000:2000
WORKDIR /tmp
ENTRYPOINT ["/bin/echo", "x"]
ENV P=$PATH:/more Q='$P'

cmds
FROM localhost/base:1
ENTRYPOINT /bin/echo shell form
CMD a b

clears
FROM localhost/base:1
ENTRYPOINT ["/bin/e"]

shell
FROM localhost/base:1
RUN echo \
  # a comment inside
  joined   >/j
RUN ["/bin/sh", "-c", "echo exec >/k"]

expand
FROM localhost/base:1
ARG v=abc.tar.gz
ENV a=${v%.gz} b=${v%%.*} c=${v#abc} d=${nope:-dflt} e=${v:+set} f=\$v g="${v}x" h='$v'
RUN echo "$a $b $c $d $e $f $g $h" >/e

delete
FROM localhost/base:1
RUN mkdir /d && touch /d/a /d/b
RUN rm /d/a && rm -r /tmp && mkdir -m 1777 /tmp
RUN mv /d /moved
D
list() { (cd "$1" && find . ! -name . ! -path './proc*' ! -path './sys*' ! -path './dev*' -printf '%y %m %U:%G %n %P %l\n' | awk '$1 == "d" {$4 = 0} {print}' | sort -k5; find . -type f ! -path './proc*' | sort | xargs sha256sum); }
config() { jq -S '.config + {author, os, architecture} | .Labels |= (. // {} | del(."io.buildah.version")) | del(.Hostname, .Domainname, .Image, .ArgsEscaped, .OnBuild, .Tty, .AttachStdin, .AttachStdout, .AttachStderr, .OpenStdin, .StdinOnce, .Volumes) | with_entries(select(.value != null and .value != "" and .value != {} and .value != [] and [.key, .value] != ["WorkingDir", "/"]))'; }
plan $(($(ls "$T/d" | wc -l) * 2))
for f in "$T"/d/*; do
	n=$(basename "$f")
	mc build -q -f "$f" -t "mine:$n" . >/dev/null 2>"$T/err" || { not_ok "$n: builds" "$(tail -5 "$T/err")"; not_ok "$n"; continue; }
	ba build -q --isolation=chroot --format docker --layers=false -f "$f" -t "their:$n" . >/dev/null 2>"$T/err2" || { skip "$n: files" "buildah does not build it: $(tail -c 150 "$T/err2" | tr '\n' ' ')"; skip "$n: configuration" "no peer"; continue; }
	mkdir "$T/x"; mc build -q -f "$f" -o type=tar,dest=- . 2>/dev/null | tar -C "$T/x" -xp
	c=$(ba from --pull-never "their:$n"); list "$(ba mount "$c")" | grep -vE ' (etc/hosts|etc/resolv.conf|etc/hostname|run|run/.*) ?$|  \./(etc/hosts|etc/resolv.conf|etc/hostname|run/.*)$' >"$T/theirs"; ba rm "$c" >/dev/null
	list "$T/x" >"$T/mine"; rm -rf "$T/x"
	diff "$T/theirs" "$T/mine" >"$T/diff" && ok "$n: files as buildah's" || not_ok "$n: files as buildah's (<) " "$(head -12 "$T/diff")"
	ba inspect --type image "their:$n" | jq '.Docker | {config, author, os, architecture}' | config >"$T/theirs"
	mc inspect "mine:$n" | jq '.[0] | {config: .Config, author: .Author, os: .Os, architecture: .Architecture}' | config >"$T/mine"
	diff "$T/theirs" "$T/mine" >"$T/diff" && ok "$n: configuration as buildah's" || not_ok "$n: configuration as buildah's (<)" "$(head -30 "$T/diff")"
done
# Left out of the comparison, because buildah 1.28 differs from BuildKit: OnBuild, ArgsEscaped (buildah drops them), Volumes' form,
# ranges of EXPOSE, WorkingDir / of scratch, empty lists, ARG behind ENV, set-uid bits of the context, empty etc/hosts, etc/resolv.conf and run/ in layers.
