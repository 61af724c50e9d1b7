# build-corpus.sh - what 83-build-peers.sh and 83-build-kit.sh source: one context, small Dockerfiles that build offline, and how
# trees and configurations are told apart. $T/base.tar is the base image as `docker load` takes it.
busybox_rootfs "$T/rootfs"; echo 'app:x:1000:2000::/home/app:/bin/sh' >>"$T/rootfs/etc/passwd"; echo 'grp:x:2000:' >>"$T/rootfs/etc/group"
tar -C "$T/rootfs" -c . | mc import -c 'ENV BASE=1' -c 'CMD ["sh"]' -c 'LABEL from=base' - localhost/base:1 >/dev/null
mc save localhost/base:1 >"$T/base.tar"
mkdir "$T/ctx" "$T/d"; cd "$T/ctx" || exit 1
mkdir -p src/sub; echo 1 >src/1.txt; echo 2 >src/sub/2; ln -s 1.txt src/l; ln src/1.txt src/h; chmod 600 src/sub/2; echo top >top.txt; tar -cf a.tar src; echo '*.log' >.dockerignore; echo x >x.log
mkdir odd; echo '[x]' >'odd/[x].txt'; echo s >'odd/st*r'; echo b >'odd/b l.txt'; tar --owner=11 --group=12 -C odd -cf odd.tar .

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
list() { (cd "$1" && find . ! -name . ! -path './proc*' ! -path './sys*' ! -path './dev*' -printf '%y %m %U:%G %n %P %l\n' | awk '$1 == "d" {$4 = 0} {print}' | sort -k5; find . -type f ! -path './proc*' -print0 | sort -z | xargs -0 sha256sum); }
config() { jq -S '.config + {author, os, architecture} | .Labels |= (. // {} | del(."io.buildah.version")) | del(.Hostname, .Domainname, .Image, .ArgsEscaped, .OnBuild, .Tty, .AttachStdin, .AttachStdout, .AttachStderr, .OpenStdin, .StdinOnce, .Volumes) | with_entries(select(.value != null and .value != "" and .value != {} and .value != [] and [.key, .value] != ["WorkingDir", "/"]))'; }
# ours FILE TREE CONFIG: builds it, and writes down its files and its configuration.
ours() {
	n=$(basename "$1"); mc build -q -f "$1" -t "mine:$n" . >/dev/null 2>"$T/err" || { not_ok "$n: builds" "$(tail -5 "$T/err")"; not_ok "$n: configuration" "no image"; return 1; }
	rm -rf "$T/x"; mkdir "$T/x"; mc build -q -f "$1" -o type=tar,dest=- . 2>/dev/null | tar -C "$T/x" -xp
	list "$T/x" >"$2"; rm -rf "$T/x"
	mc inspect "mine:$n" | jq '.[0] | {config: .Config, author: .Author, os: .Os, architecture: .Architecture}' | config >"$3"
}
# same WHAT THEIRS MINE
same() { diff "$2" "$3" >"$T/diff" && ok "$1" || not_ok "$1 (<)" "$(head -20 "$T/diff")"; }
