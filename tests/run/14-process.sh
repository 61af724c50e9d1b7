#!/bin/sh
# 14-process.sh - what one process carries: rlimits, oom_score_adj, scheduling, personality, sysctls, hooks, devices.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
plan 51

bundle r 'c["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}, {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]
sh("ulimit -Sn; ulimit -Hn; ulimit -c")'
check "rlimits are set, soft and hard" "$(run r | paste -sd' ')" = "100 200 0"
bundle r2 'c["process"]["rlimits"] = [{"type": "RLIMIT_NPROC", "soft": 18446744073709551615, "hard": 18446744073709551615}]
sh("grep processes /proc/self/limits | tr -s \" \" | cut -d\" \" -f4")'
check "a limit of 2^64-1 is unlimited, or as high as can be" "$(run r2)" "~" '^(unlimited|[0-9]+)$'
bundle r3 'c["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 2147483648, "hard": 2147483648}]'
oci --log "$T/r3.log" run --bundle "$T/r3" r3 </dev/null; check "a limit above fs.nr_open is clamped, not a failure" "$?" -eq 0
check "... with a warning in the log" "$(cat "$T/r3.log")" "~" "RLIMIT_NOFILE: 2147483648 is more than we may give"
bundle r4 'c["process"]["rlimits"] = [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}] * 2'
run r4; check "the same limit twice is an error" "$RC" -ne 0
check "... that names it" "$(cat "$T/r4.err")" "~" "RLIMIT_CORE is listed twice"
bundle r5 'c["process"]["rlimits"] = [{"type": "RLIMIT_X", "soft": 0, "hard": 0}]'
run r5; check "an unknown limit is an error" "$RC" -ne 0

bundle oom 'c["process"]["oomScoreAdj"] = 777; sh("cat /proc/self/oom_score_adj")'
check "oomScoreAdj" "$(run oom)" = 777
bundle oom2 'c["process"]["oomScoreAdj"] = 1001'
run oom2; check "oomScoreAdj out of range is an error" "$RC" -ne 0

bundle out 'c["process"]["user"] = {"uid": 1000, "gid": 1000}; sh("echo one >/dev/stdout; echo two >/dev/stderr; cat /dev/stdin")'
check "an ordinary user opens its pipes again" "$(echo three | oci run --bundle "$T/out" out 2>&1 | paste -sd,)" = "one,two,three"
oci run --bundle "$T/out" out >"$T/out.file" 2>/dev/null </dev/null
check "... a file that the caller lends keeps its owner" "$(stat -c %u "$T/out.file")" = 0
bundle outu 'c["linux"]["namespaces"].append({"type": "user"}); c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
c["process"]["user"] = {"uid": 7, "gid": 7}; sh("echo one >/dev/stdout")'
chmod 755 "$T"; check "... in a user namespace too" "$(run outu | cat)" = one
bundle home 'sh("echo $HOME")'
check "HOME is of /etc/passwd when nobody named one" "$(run home)" = /root
bundle home2 'c["process"]["user"] = {"uid": 4242, "gid": 0}; sh("echo $HOME")'
check "... or / for a user that is not there" "$(run home2)" = /
bundle home3 'c["process"]["env"].append("HOME=/mine"); sh("echo $HOME")'
check "... and left alone otherwise" "$(run home3)" = /mine
bundle sched 'c["process"]["scheduler"] = {"policy": "SCHED_BATCH", "nice": 5}; sh("cut -d\" \" -f19,41 /proc/self/stat")'
check "scheduler: policy and nice" "$(run sched)" = "5 3"
bundle prio 'c["process"]["ioPriority"] = {"class": "IOPRIO_CLASS_IDLE", "priority": 4}; sh("ionice -p $$")'
check "ioPriority" "$(run prio)" "~" "^idle"
bundle pers 'c["linux"]["personality"] = {"domain": "LINUX32"}; sh("uname -m; cat /proc/self/personality 2>/dev/null")'
check "personality" "$(run pers | head -1)" "~" "i686|armv"

bundle sys 'c["linux"]["sysctl"] = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4242", "net/ipv4/ip_default_ttl": "44"}
c["linux"]["readonlyPaths"] = ["/proc/sys"]
sh("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_default_ttl")'
before=$(cat /proc/sys/kernel/msgmax)
check "sysctls of own namespaces" "$(run sys | paste -sd' ')" = "1 4242 44"
check "... not of the host" "$(cat /proc/sys/kernel/msgmax)" = "$before"
bundle sys2 'c["linux"]["sysctl"] = {"vm.swappiness": "1"}'
run sys2; check "a sysctl of the whole machine is refused" "$RC" -ne 0
bundle sys3 'c["linux"]["sysctl"] = {"net.ipv4.ip_forward": "1"}; c["linux"]["namespaces"].pop(4)'
run sys3; check "a sysctl of a shared namespace is refused" "$RC" -ne 0

bundle dev 'c["linux"]["devices"] = [{"path": "/dev/sub/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 0o640, "uid": 3, "gid": 4}, {"path": "/dev/pipe", "type": "p"}]
sh("stat -c \"%F %a %u %g %t:%T\" /dev/sub/mine; stat -c %F /dev/pipe; stat -c %a /dev/null")'
check "devices: node, owner, mode; fifo" "$(run dev | paste -sd,)" = "character special file 640 3 4 1:5,fifo,666"
try='sh("head -c 1 /dev/zero | wc -c; (: </dev/tun) 2>/dev/null && echo read; (: >/dev/tun) 2>/dev/null && echo write; (: </dev/loopctl) 2>/dev/null && echo loop; echo x >/dev/null && mknod /dev/x c 1 1 && echo mknod")
c["linux"]["devices"] = [{"path": "/dev/tun", "type": "c", "major": 10, "minor": 200}, {"path": "/dev/loopctl", "type": "c", "major": 10, "minor": 237}]'
bundle dev0 "$try"
bundle dev2 'c["linux"]["resources"]["devices"] = [{"allow": False, "access": "rwm"}, {"allow": True, "type": "c", "major": 10, "minor": 200, "access": "r"}]
'"$try"
if [ "$(run dev0 | paste -sd' ')" = "1 read write loop mknod" ]; then
	check "device rules: default allowed, one more, the rest denied" "$(run dev2 | paste -sd' ')" = "1 read mknod"
else skip "device rules" "no tun and loop-control devices here"; fi
bundle dev4 'c["linux"]["namespaces"].append({"type": "user"}); c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
c["linux"]["devices"] = [{"path": "/dev/full", "type": "c", "major": 1, "minor": 7, "fileMode": 0o600, "uid": 0, "gid": 0}]; sh("stat -c %t:%T /dev/full")'
chmod 755 "$T"; before=$(stat -c '%a %u' /dev/full)
check "a default device listed in a user namespace" "$(run dev4)" = 1:7
check "... is the host's node, unchanged" "$(stat -c '%a %u' /dev/full)" = "$before"
bundle dev3 'c["linux"]["devices"] = [{"path": "/dev/a", "type": "c", "major": 1, "minor": 5}, {"path": "/dev/a", "type": "c", "major": 1, "minor": 3}]'
run dev3; check "two devices with one path are an error" "$RC" -ne 0

cat >"$T/hook" <<'H'
#!/bin/sh
read -r state
printf '%s %s %s\n' "$1" "$HOOK" "$state" >>"$2"
[ "$1" != fail ] || exit 3
[ "$1" != slow ] || exec sleep 60
H
chmod +x "$T/hook"
bundle hooks 'c["hooks"] = {p: [{"path": T + "/hook", "args": ["hook", p, T + "/hooks.log"], "env": ["HOOK=yes", "PATH=/bin:/usr/bin"]}] for p in ("prestart", "createRuntime", "createContainer", "poststart", "poststop")}
c["hooks"]["startContainer"] = [{"path": "/bin/sh", "args": ["sh", "-c", "read x; echo $x >/dev/shm-hook; echo inside $(hostname)"]}]
sh("echo program; cat /dev/shm-hook")'
out=$(run hooks)
check "hooks run in order" "$(cut -d' ' -f1,2 "$T/hooks.log" 2>/dev/null | paste -sd,)" = "prestart yes,createRuntime yes,createContainer yes,poststart yes,poststop yes"
check "startContainer runs inside, before the program" "$(echo "$out" | head -2 | paste -sd,)" = "inside box,program"
check "hooks get the state on standard input" "$(sed -n 2p "$T/hooks.log")" "~" '"id":"hooks".*"status":"creat(ing|ed)"'
pid=$(sed -n 's/^createRuntime.*"pid":\([0-9]*\).*/\1/p' "$T/hooks.log")
check "... with the pid" "${pid:-0}" -gt 1
check "... in createContainer as it is seen inside" "$(sed -n 's/^createContainer.*"pid":\([0-9]*\).*/\1/p' "$T/hooks.log")" = 1
check "... poststop says stopped" "$(grep ^poststop "$T/hooks.log")" "~" '"status":"stopped"'
bundle hd 'c["hooks"] = {p: [{"path": "/bin/sh", "args": ["sh", "-c", "pwd >>" + T + "/hd.log"]}] for p in ("prestart", "createRuntime", "createContainer", "poststart")}'
run hd; check "hooks start in the bundle's directory" "$(sort "$T/hd.log" | uniq -c | tr -s ' ')" = " 4 $T/hd"
bundle hf 'c["hooks"] = {"createRuntime": [{"path": T + "/hook", "args": ["hook", "fail", T + "/hf.log"]}]}'
run hf; check "a failing hook fails create" "$RC" -ne 0
check "... says which" "$(cat "$T/hf.err")" "~" "createRuntime hook .*/hook ended with status 3"
check "... and nothing of the container is left" "$(ls "$T/oci" 2>/dev/null | grep -c hf)" = 0
all='{p: [{"path": T + "/hook", "args": ["hook", p, T + "/after.log"], "env": ["PATH=/bin:/usr/bin"]}] for p in ("createRuntime", "poststart", "poststop")}'
bundle hf2 "c['hooks'] = $all; c['hooks']['createContainer'] = [{'path': '/bin/false'}]"
run hf2; check "a failing createContainer hook: poststop tells those who know of it" "$RC $(cut -d' ' -f1 "$T/after.log" | paste -sd,)" = "1 createRuntime,poststop"
check "... of a stopped one" "$(tail -1 "$T/after.log")" "~" '"status":"stopped","pid":0'
rm -f "$T/after.log"
bundle hf3 "c['hooks'] = $all; c['hooks']['startContainer'] = [{'path': '/bin/false'}]"
oci create --bundle "$T/hf3" hf3 </dev/null
oci start hf3 2>"$T/hf3.err"; check "a failing startContainer hook fails start" "$? $(cat "$T/hf3.err")" "~" "^1 .*startContainer hook /bin/false ended with status 1"
check "... the container is gone, poststop has run" "$(oci list -q | grep -c hf3) $(cut -d' ' -f1 "$T/after.log" | paste -sd,)" = "0 createRuntime,poststop"
bundle np 'del c["process"]'
oci create --bundle "$T/np" np </dev/null 2>&1; oci start np 2>"$T/np.err"; check "start without process" "$? $(cat "$T/np.err")" "~" "^1 .*config.json has no process"
bundle hs 'c["hooks"] = {"prestart": [{"path": T + "/hook", "args": ["hook", "slow", T + "/hs.log"], "env": ["PATH=/bin:/usr/bin"], "timeout": 1}]}'
start=$(date +%s); run hs; took=$(($(date +%s) - start))
check "a hook's timeout is kept" "$took" -lt 10
check "... and is an error" "$(cat "$T/hs.err")" "~" "longer than its 1 seconds"
bundle hp 'c["hooks"] = {"poststart": [{"path": "/no/such"}]}; sh("echo alive")'
check "a failing poststart hook changes nothing" "$(run hp)" = alive

bundle root 'c["root"] = {}'
run root; check "root.path is needed" "$(cat "$T/root.err")" "~" "root.path: missing"
bundle root2 'c["root"]["path"] = "/no/such"'
run root2; check "root.path must be a directory" "$(cat "$T/root2.err")" "~" "root.path: there is no directory /no/such"
bundle aa 'c["process"]["apparmorProfile"] = "no-such-profile"; sh("true")'
run aa; check "a profile that cannot be had is an error" "$RC" -ne 0
bundle nss 'c["linux"]["namespaces"][4] = {"type": "network", "path": "/proc/self/ns/net"}; c["linux"]["sysctl"] = {"net.ipv4.ip_default_ttl": "64"}'
run nss; check "a sysctl of a namespace that is the host's by path is refused" "$(cat "$T/nss.err")" "~" "which this container shares with the host"

bundle rdt 'c["linux"]["intelRdt"] = {"closID": "x"}'
run rdt; check "intelRdt is refused in words" "$(cat "$T/rdt.err")" "~" "linux.intelRdt: this runtime does not partition caches"
bundle time 'c["linux"]["namespaces"].append({"type": "time"}); c["linux"]["timeOffsets"] = {"boottime": {"secs": 100000000, "nanosecs": 0}}
sh("cut -d. -f1 /proc/uptime")'
check "time offsets" "$(run time)" -gt 100000000
