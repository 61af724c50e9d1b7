#!/bin/sh
# Every flag that takes a word, of every command, with words that mean nothing: refused with one sentence, nothing done.
# The table below has rows for all of them (a flag without a row fails here), or says that any text is right.
. "$(dirname "$0")/lib.sh"
need_root
starter_images
mc run -d --name web busybox sleep 1000 >/dev/null
mc volume create kept >/dev/null; mc network create own >/dev/null
cleanup() { mc rm -f web still >/dev/null 2>&1; mc network rm own >/dev/null 2>&1; }
mc create --name still busybox true >/dev/null

# COMMAND | FLAG | wrong words, separated by two blanks; "any" - any text is right, with the reason
cat >"$T/table" <<'TABLE'
run|add-host|h  h:  h:999.1.1.1  :1.2.3.4
run|annotation|x  =x
run|attach|nosuch
run|blkio-weight|5  1001  -5  many
run|blkio-weight-device|x  /dev/null:500  /nosuch:500
run|cap-add|nosuch  NET_ADMIN,SYS_ADMIN
run|cap-drop|nosuch
run|cgroup-parent|../x  /a/../../b
run|cgroupns|nosuch
run|cidfile|/nosuch/dir/file
run|cpu-period|1  x
run|cpu-quota|1  x  -2
run|cpu-rt-period|x  -1
run|cpu-rt-runtime|x  -1
run|cpu-shares|x  -5
run|cpus|x  1.2.3  -1  100000  .
run|cpuset-cpus|x  1-0  9999
run|cpuset-mems|x  9999
run|detach-keys|nosuch  ctrl-1
run|device|dev/null  /dev/null:/dev/x:q  /dev/null:/a:rwm:x  /nosuch/device
run|device-cgroup-rule|x  c 1:3 rwmx  d 1:3 r
run|device-read-bps|x  /dev/null:1  /dev/null
run|device-read-iops|x  /dev/null:x
run|device-write-bps|x  /dev/null:1
run|device-write-iops|x  /dev/null:1
run|dns|x  1.2.3
run|dns-option|nosuch  ndots:x
run|dns-search|-a  a..b  a b
run|domainname|a b
run|entrypoint|any - a program; what is not there ends with 127
run|env|=x
run|env-file|/nosuch
run|expose|x  70000  90-80  80/foo  80:80
run|gpus|x  -2  devices=0
run|group-add|no such  nosuchgroup
run|health-cmd|any - a command line
run|health-interval|x  -1s  1us
run|health-retries|x  -1
run|health-start-interval|x  1us
run|health-start-period|x  -1s
run|health-timeout|x  1ns
run|hostname|a b  -x
run|ip|x  1.2.3  1.2.3.4
run|ip6|x  1.2.3.4
run|ipc|nosuch  container:  container:nosuch  container:web
run|isolation|hyperv
run|kernel-memory|1m
run|label|=x  a b=c
run|label-file|/nosuch
run|link|nosuch  :x  web:a,b  web:-x
run|link-local-ip|x  1.2.3
run|log-driver|nosuch
run|log-opt|max_size=1m  max-size=x  max-file=0  x
run|mac-address|x  01:00:00:00:00:00
run|memory|x  -5  1k  64mm
run|memory-reservation|x  1k
run|memory-swap|x  -2
run|memory-swappiness|x  101  -2
run|mount|x  type=nosuch,dst=/x  type=tmpfs  type=tmpfs,dst=/x,src=/y  type=bind,src=/nosuch,dst=/x  type=bind,src=/tmp,dst=/x,reaonly=1
run|name|a b  x
run|net|nosuch  container:  container:nosuch
run|network|nosuch  container:  container:nosuch
run|network-alias|x
run|oom-score-adj|x  2000
run|pid|nosuch  private  container:  container:nosuch
run|pids-limit|x  -5
run|platform|nosuch  linux/nosuch
run|publish|x  80:x  70000:80  1.2.3:80:80  80-81:80-82  80:80/foo  80:
run|pull|nosuch
run|restart|nosuch  always:3  on-failure:x  on-failure:-1
run|runtime|nosuch
run|security-opt|nosuch  no-new-privileges:bad  seccomp=  seccomp=/nosuch  systempaths=bad  label=bad
run|shm-size|x  -1
run|stop-signal|nosuch  99  0
run|stop-timeout|x  -5
run|storage-opt|size=1g  x
run|sysctl|x  =x  kernel.panic=1  vm.x=1
run|tmpfs|x  /x:nosuch  /x:ro,rw  /x:size=lots
run|ulimit|nofile  nofile=x  nofile=2:1  nofile=1:2:3  nosuch=1
run|user|1:2:3  99999999999  nosuchuser
run|userns|nosuch
run|uts|nosuch  private
run|volume|x:  /a:b  /a:/  /tmp:/x:ro,rw  /tmp:/x:nosuch  /tmp:/x:ro:ro
run|volume-driver|nosuch
run|volumes-from|nosuch  web:nosuch
run|workdir|rel
exec|detach-keys|nosuch
exec|env|=x
exec|env-file|/nosuch
exec|user|1:2:3  nosuchuser  99999999999
exec|workdir|rel
attach|detach-keys|nosuch
debug|image|nosuch.invalid/x:
start|detach-keys|nosuch
stop|signal|nosuch  99  0
stop|timeout|x  -5
restart|signal|nosuch  99  0
restart|timeout|x  -5
kill|signal|nosuch  99
update|cpu-period|x  1
update|cpu-quota|x  1
update|cpu-shares|x  -5
update|cpus|x  -1  100000
update|cpuset-cpus|x  9999
update|cpuset-mems|x  9999
update|memory|x  1k  -5
update|memory-reservation|x  1k  -5
update|memory-swap|x  -2
update|pids-limit|x  -5
update|restart|nosuch  always:3
ps|filter|x  nosuch=1  status=sleepy  exited=x  health=x  name=[  before=nosuch  since=nosuch
ps|format|{{.Nosuch}}  {{nosuch .ID}}  {{
ps|last|x
ps|sort|nosuch
wait|condition|nosuch
wait|interval|x
run|timeout|x  -1
logs|since|x
logs|tail|x  1.5
logs|until|x
inspect|format|{{.Nosuch}}  {{
inspect|type|nosuch
stats|format|{{.Nosuch}}  {{
events|filter|x  nosuch=1  type=nosuch
events|format|{{
events|since|x
events|until|x
info|format|{{.Nosuch}}  {{
version|format|{{.Nosuch}}  {{
pull|platform|nosuch
pull|creds|x
push|creds|x
images|filter|x  nosuch=1  dangling=maybe  before=nosuch  since=nosuch
images|format|{{.Nosuch}}  {{
load|input|/nosuch
load|platform|nosuch
rmi|platform|nosuch  linux/s390x
history|platform|nosuch  linux/s390x
push|platform|nosuch
inspect|platform|nosuch
save|platform|nosuch  linux/s390x
save|output|/nosuch/dir/file
import|change|NOSUCH x  EXPOSE x  WORKDIR
import|message|any - a comment
import|platform|nosuch
history|format|{{.Nosuch}}  {{
commit|author|any - a person
commit|change|NOSUCH x  EXPOSE x  WORKDIR  STOPSIGNAL nosuch  HEALTHCHECK x  HEALTHCHECK --interval=x CMD y
commit|message|any - a comment
export|output|/nosuch/dir/file
explain|html|/nosuch/dir/file  /tmp
explain|record|/nosuch/dir/file  /tmp
explain|replay|/nosuch/file  /dev/null  /etc/hostname
explain|svg|/nosuch/dir/file  /tmp
search|filter|x  nosuch=1  stars=x  is-official=maybe
search|format|{{
search|limit|x  0  1000
search|creds|x
login|password|any - a secret
login|username|any - the registry decides
login|creds|x
build|add-host|h  h:999.1.1.1
build|allow|nosuch
build|build-arg|=x
build|build-context|x
build|cache-from|any - accepted and not needed: the cache is this machine's
build|file|/nosuch
build|iidfile|/nosuch/dir/file
build|label|=x
build|metadata-file|/nosuch/dir/file
build|network|nosuch
build|no-cache-filter|any - a stage that is not there has no steps to run again
build|output|type=nosuch,dest=/x
build|platform|nosuch
build|progress|nosuch
build|secret|x  id=
build|ssh|x=/nosuch  default=/dev/null
build|tag|A:  a b
build|target|nosuch
container prune|filter|x  nosuch=1  until=x
system prune|filter|x  nosuch=1  until=x
system df|format|{{.Nosuch}}  {{
image prune|filter|x  nosuch=1  until=x
image tree|filter|x  nosuch=1  dangling=maybe
image tree|format|{{.Nosuch}}  {{
compose|ansi|nosuch
compose|file|/nosuch
compose|env-file|/nosuch
compose|parallel|x  1.5
compose|progress|nosuch
compose|project-directory|/nosuch
compose|project-name|A b
compose|profile|any - a profile that no service has adds none
network create|aux-address|x  x=  x=1.2.3
network create|driver|nosuch
network create|gateway|x  1.2.3
network create|ip-range|x  10.0.0.0/99
network create|label|=x
network create|opt|x  com.docker.network.driver.mtu=x
network create|subnet|x  10.0.0.0  10.0.0.0/99
network ls|filter|x  nosuch=1  type=nosuch
network ls|format|{{.Nosuch}}  {{
network inspect|format|{{.Nosuch}}  {{
network connect|alias|a b
network connect|gw-priority|x
network connect|ip|x  1.2.3
network connect|ip6|x  1.2.3.4
network connect|link|:x  web:a,b  web:-x
network connect|link-local-ip|x  1.2.3
network connect|mac-address|x
network prune|filter|x  nosuch=1  until=x
volume ls|filter|x  nosuch=1  dangling=maybe
volume ls|format|{{.Nosuch}}  {{
volume inspect|format|{{.Nosuch}}  {{
volume create|driver|nosuch
volume create|label|=x
volume create|opt|nosuch=1  x
volume create|name|a b
volume prune|filter|x  nosuch=1
volume export|output|/nosuch/dir/file
volume export|compression|nosuch
volume import|label|=x
volume import|input|/nosuch
registry|addr|x  127.0.0.1:99999
registry|host|any - a name
registry|proxy|x
registry|tls-cert|/nosuch
registry|tls-key|/nosuch
registry|tls-verify|maybe
compare|accel|nosuch
compare|budget|x  -1  1k
compare|json|/nosuch/dir/file
compare|kernel|/nosuch
compare|memory|x  1k
compare|replay|/nosuch
compare|runs|x  0  -1
compare|seconds|x  -1
compare|svg|/nosuch/dir/file
TABLE
sed 's/^run|/create|/;t;d' "$T/table" | grep -v -e '|net|' -e '|network|' -e '|group-add|' -e '|user|' -e '|device|' >>"$T/table"
printf '%s\n' 'create|device|dev/null  /dev/null:/dev/x:q' 'create|group-add|no such' 'create|user|1:2:3  99999999999' >>"$T/table"

printf '%s\n' 'create|net|any - docker, too, takes one that may come later' 'create|network|any - likewise' >>"$T/table"

# What each command works on.
operands() {
	case $1 in
	run|create) echo "busybox true" ;; exec) echo "web true" ;; attach|start|stop|wait|restart|kill|update|logs|debug) echo web ;;
	inspect|export|history) [ "$1" = history ] && echo busybox || echo web ;; rmi) echo busybox ;; commit) echo "web img:x" ;;
	stats) echo "--no-stream web" ;; pull|push) echo "127.0.0.1:1/x" ;; save) echo busybox ;;
	import) echo "$T/none.tar" ;; search) echo "127.0.0.1:1/x" ;; login) echo "127.0.0.1:1" ;; registry) echo serve ;;
	build) echo "$T/ctx" ;; compare) [ "$2" = replay ] || echo busybox ;;
	"container prune"|"system prune"|"image prune"|"volume prune"|"network prune") echo -f ;; compose) echo config ;; explain) [ "$2" = replay ] || echo run --rm hello ;; "network inspect") echo own ;; "network connect") echo own still ;; "network create") echo "net$$" ;; "volume inspect"|"volume export") echo kept ;; "volume import") echo new ;;
	esac
}
before() { case $1 in run-*) echo --rm ;; events-since|events-until) ;; events-*) echo "--since 1h --until 0s" ;; esac; }  # a stream that is taken must end
flags_of() { "$BIN/minictr" $1 --help </dev/null 2>/dev/null | sed -n '/^Options:/,/^Example:/p' | sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}--\([a-z0-9-]*\) [^ ].*/\2 &/p' | awk '$0 !~ /--[a-z0-9-]*   / {print $1}'; }

commands=$(mc internal complete "" | grep -vx -e container -e image -e system -e ns -e lab -e volume -e network -e help)
missing=$({ echo "$commands"; for g in container image system volume network; do for v in $(mc internal complete "$g" ""); do echo "$g $v"; done; done; } | sort -u | while read -r c; do
	case $c in "container prune"|"image prune"|"image tree"|"system df"|"system prune"|"volume list"|"network list") continue ;; "network "*) ;; "volume "*) ;; "system "*) continue ;; "container "*|"image "*) continue ;; esac
	for f in $(flags_of "$c" | sort -u); do grep -q "^$c|$f|" "$T/table" || echo "$c --$f"; done
done)
check "every flag that takes a word has a row" "$missing" = ""

printf 'tar' >"$T/none.tar"; mkdir "$T/ctx"; echo 'FROM busybox' >"$T/ctx/Dockerfile"
mc ps -aq | sort >"$T/before"
for c in $(cut -d'|' -f1 "$T/table" | sort -u | tr ' ' _); do
	name=$(echo "$c" | tr _ ' '); taken=""; silent=""
	while IFS='|' read -r _ flag words; do
		case $words in any\ -*) continue ;; esac
		printf '%s\n' "$words" | sed 's/  */&/g; s/  /\n/g' >"$T/words"
		while read -r word; do
			timeout 20 "$BIN/minictr" $name $(before "$name-$flag") "--$flag=$word" $(operands "$name" "$flag") </dev/null >"$T/out" 2>"$T/err"; rc=$?
			case $name-$rc in run-125|run-126) ;; run-*|*-0|*-124|*-139|*-134) taken="$taken --$flag=$word:$rc" ;; esac
			[ -s "$T/err" ] || silent="$silent --$flag=$word"
		done <"$T/words"
	done <<EOF
$(grep "^$name|" "$T/table")
EOF
	check "$name: wrong words are refused" "$taken" = ""
	check "$name: and said why" "$silent" = ""
done
check "nothing was made" "$(mc ps -aq | sort | diff "$T/before" -)" = ""
check "and web runs on" "$(mc inspect -f '{{.State.Running}}' web)" = "true"
plan "$N"
