#!/bin/sh
# 47-user.sh - an ordinary user with a systemd of his own: containers, their limits, and the OCI runtime by itself.
# Runs in the test machine (tests/vm/run.sh), outside of the runner: systemd must know processes by our numbers.
. "$(dirname "$0")/lib.sh"
[ -n "${IN_VM:-}" ] || skip_all "only in the test machine: sh tests/vm/run.sh (it wants a user with a session of systemd's)"
[ "$(cat /proc/1/comm)" = systemd ] || skip_all "in a pid namespace of its own: run this file by itself"
id user >/dev/null 2>&1 || skip_all "no user called \"user\""
plan 43
chmod 755 "$T"; mkdir "$T/bin"; cp "$BIN"/minictr* "$T/bin/"; chmod -R a+rX "$T/bin"
unset MINICTR_ROOT
# u SCRIPT: a login shell of the user; in it $c is the OCI bundle's folder
# (there is no network in the test machine, and `run` says so each time)
u() { runuser -l user -c "PATH=$T/bin:\$PATH; cd; $1" </dev/null 2>&1 | grep -v '^WARNING: the container has a loopback only'; }
cgroup() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
limit() { cat "/sys/fs/cgroup$(cgroup "$1")/$2"; }

# the engine
check "the starter images" "$(u 'minictr internal starter >/dev/null 2>&1; minictr images -q' | wc -l)" = 2
check "run" "$(u 'minictr run --rm busybox sh -c "id -u; cat /proc/self/uid_map"' | tr -s ' \n' ' ')" = "0 0 1000 1 1 100000 65536 "
check "import" "$(u 'minictr run --name imp busybox true; minictr export imp >x.tar; minictr rm imp >/dev/null; minictr import x.tar mine >/dev/null; minictr run --rm mine echo imported; rm x.tar')" = imported
check "run -d with limits, without a warning" "$(u 'minictr run -d --name lim -m 64m --pids-limit 40 --cpus 0.5 busybox sh -c "echo said; exec sleep 100"')" "~" '^[0-9a-f]{64}$'
P=$(u 'minictr inspect -f "{{.State.Pid}}" lim')
check "a scope of the user's systemd" "$(cgroup "$P")" "~" '^/user.slice/user-1000.slice/user@1000.service/user.slice/minictr-[0-9a-f]{64}.scope$'
check "memory" "$(limit "$P" memory.max)" = 67108864
check "processes" "$(limit "$P" pids.max)" = 40
check "processors" "$(limit "$P" cpu.max)" = "50000 100000"
check "ps" "$(u 'minictr ps')" "~" 'lim$'
check "logs" "$(u 'minictr logs lim')" = said
check "exec, in the same cgroup" "$(u 'minictr exec -d lim sleep 33; sleep 1'; cat "/sys/fs/cgroup$(cgroup "$P")/cgroup.procs" | wc -l)" = 2
check "exec's exit status" "$(u 'minictr exec lim sh -c "exit 5"; echo $?')" = 5
check "stats" "$(u 'minictr stats --no-stream lim')" "~" '/ *64MiB'
check "pause" "$(u 'minictr pause lim >/dev/null; minictr ps')" "~" Paused
check "... frozen by the kernel" "$(limit "$P" cgroup.freeze)" = 1
check "unpause" "$(u 'minictr unpause lim >/dev/null; minictr ps')" "!~" Paused
check "update" "$(u 'minictr update -m 32m --memory-swap 32m lim >/dev/null'; limit "$P" memory.max)" = 33554432
check "stop" "$(u 'minictr stop -t 1 lim >/dev/null; minictr ps -a')" "~" 'Exited \(137\)'
check "start again" "$(u 'minictr start lim >/dev/null; minictr ps')" "~" 'Up .*lim$'
check "rm -f" "$(u 'minictr rm -f lim')" = lim
check "no scope is left" "$(u 'sleep 1; systemctl --user list-units --all --no-legend "minictr-*.scope"' | wc -l)" = 0
check "out of memory is told" "$(u 'minictr run --name oom -m 20m --memory-swap 20m busybox sh -c "head -c 60m /dev/zero | tail" >/dev/null 2>&1; minictr inspect -f "{{.State.OOMKilled}}" oom; minictr rm oom >/dev/null')" = true
check "what is not delegated is said" "$(u 'minictr run --rm --cpuset-cpus 0 busybox echo ran')" "~" 'WARNING: .*cpuset'
check "--userns keep-id: his own number" "$(u 'minictr run --rm --userns keep-id busybox id -u')" = 1000
u 'minictr run -d --name keep --userns keep-id -m 48m -v $HOME:/h busybox sh -c "echo made >/h/kept; exec sleep 100"' >/dev/null
P=$(u 'minictr inspect -f "{{.State.Pid}}" keep')
check "... with limits, in a scope" "$(limit "$P" memory.max)" = 50331648
check "... a user namespace below the user's" "$(awk '{print $1 "<" $2}' "/proc/$P/uid_map" | paste -sd' ')" "~" '^0<100000 1000<1000 1001<101000'
check "... what he makes is his" "$(stat -c %U /home/user/kept)" = user
check "... exec is he, in the same scope" "$(u 'minictr exec keep id -u'; u 'minictr exec -d keep sleep 33; sleep 1'; cat "/sys/fs/cgroup$(cgroup "$P")/cgroup.procs" | wc -l)" = "1000
2"
u 'minictr rm -f keep' >/dev/null
check "an exit status" "$(u 'minictr run --rm busybox sh -c "exit 7"; echo $?')" = 7

# the OCI runtime alone
busybox_rootfs "$T/oci-rootfs"
u 'mkdir bundle; cd bundle; minictr-oci spec --rootless' >/dev/null
cp -a "$T/oci-rootfs" /home/user/bundle/rootfs; chown -R user: /home/user/bundle
# config COMMAND LIMITS: the process and the resources
config() { python3 -c 'import json,sys
f="/home/user/bundle/config.json"; c=json.load(open(f)); c["process"]["terminal"]=False; c["process"]["args"]=["sh","-c",sys.argv[1]]; c["linux"]["resources"]=json.loads(sys.argv[2]); json.dump(c,open(f,"w"))' "$1" "$2"; }
config 'id -u; hostname; exit 3' '{}'
check "oci run: without limits it needs nobody" "$(u 'minictr-oci run -b bundle o1; echo $?' | tr '\n' ' ')" = "0 minictr 3 "
config 'sleep 100' '{"memory":{"limit":50331648},"pids":{"limit":33}}'
check "oci: a limit that cannot be set is an error, and says what to do" "$(u 'minictr-oci run -b bundle o2')" "~" 'systemd-cgroup'
check "... which leaves nothing" "$(u 'minictr-oci list -q')" = ""
check "oci create --systemd-cgroup" "$(u 'minictr-oci --systemd-cgroup create -b bundle o3 >o3.out 2>&1; cat o3.out; minictr-oci state o3')" "~" '"created"'
P=$(u 'minictr-oci state o3' | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
check "a scope" "$(cgroup "$P")" "~" 'user@1000.service/user.slice/minictr-o3.scope$'
check "memory" "$(limit "$P" memory.max)" = 50331648
check "processes" "$(limit "$P" pids.max)" = 33
check "start, exec" "$(u 'minictr-oci start o3; minictr-oci exec o3 id -u')" = 0
check "exec is in the cgroup" "$(u 'minictr-oci exec -d o3 sleep 44; sleep 1; minictr-oci ps -f json o3' | tr ',' '\n' | wc -l)" = 2
check "update" "$(u 'minictr-oci update --memory 33554432 o3'; limit "$P" memory.max)" = 33554432
check "pause and resume" "$(u 'minictr-oci pause o3; minictr-oci state o3; minictr-oci resume o3')" "~" '"paused"'
check "kill" "$(u 'minictr-oci kill o3 KILL; sleep 1; minictr-oci state o3')" "~" '"stopped"'
check "delete; nothing is left" "$(u 'minictr-oci delete o3; sleep 1; minictr-oci list -q; systemctl --user list-units --all --no-legend "minictr-*.scope"')" = ""
check "the process that held the namespaces ends when told" "$(u 'minictr internal rootless-stop; sleep 1'; pgrep -u user -f minictr | wc -l)" = 0
