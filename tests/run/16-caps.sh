#!/bin/sh
# 16-caps.sh - who the program is: five capability sets, ids, groups, no_new_privs, user namespaces.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
plan 23
status='sh("grep -E \"^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)\" /proc/self/status; umask")'
line() { echo "$1" | sed -n "s/^$2:[[:space:]]*//p"; }

bundle d "$status"; out=$(run d)
check "docker's fourteen in the bounding set" "$(line "$out" CapBnd)" = 00000000a80425fb
check "... permitted" "$(line "$out" CapPrm)" = 00000000a80425fb
check "... effective" "$(line "$out" CapEff)" = 00000000a80425fb
check "... inheritable is empty (CVE-2022-29162)" "$(line "$out" CapInh)" = 0000000000000000
check "... ambient is empty" "$(line "$out" CapAmb)" = 0000000000000000
check "groups are none" "$(line "$out" Groups | tr -d ' ')" = ""
check "umask is 022" "$(echo "$out" | tail -1)" = 0022
bundle none 'c["process"].pop("capabilities")
'"$status"; out=$(run none)
check "without capabilities there are none, not even for root" "$(line "$out" CapBnd) $(line "$out" CapEff)" = "0000000000000000 0000000000000000"
bundle u 'c["process"]["user"] = {"uid": 1000, "gid": 1001, "additionalGids": [5, 7], "umask": 63}
'"$status"; out=$(run u)
check "user: all four ids" "$(line "$out" Uid | tr '\t' ' ')" = "1000 1000 1000 1000"
check "user: group" "$(line "$out" Gid | tr '\t' ' ')" = "1001 1001 1001 1001"
check "user: additional groups" "$(line "$out" Groups | sed 's/ *$//')" = "5 7"
check "user: umask" "$(echo "$out" | tail -1)" = 0077
check "user: effective set is lost by exec" "$(line "$out" CapEff)" = 0000000000000000
bundle amb 'c["process"]["user"] = {"uid": 1000, "gid": 1000}
for k in ("bounding", "permitted", "inheritable", "ambient", "effective"): c["process"]["capabilities"][k] = ["CAP_NET_RAW", "CAP_KILL"]
'"$status"; out=$(run amb)
check "ambient capabilities survive the exec of a plain file" "$(line "$out" CapEff) $(line "$out" CapAmb)" = "0000000000002020 0000000000002020"
bundle unknown 'c["process"]["capabilities"]["bounding"] += ["CAP_FROM_THE_FUTURE"]
'"$status"; run unknown >/dev/null; check "an unknown capability is no failure" "$RC" -eq 0
bundle nnp 'c["process"]["noNewPrivileges"] = True
'"$status"; check "noNewPrivileges" "$(line "$(run nnp)" NoNewPrivs)" = 1
check "... only when asked for" "$(line "$(run d)" NoNewPrivs)" = 0

maps='c["linux"]["namespaces"].append({"type": "user"})
c["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 1500000000, "size": 65536}]
c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 1600000000, "size": 65536}]
'
bundle ns "$maps"'c["mounts"].append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"})
sh("id -u; cat /proc/self/uid_map | tr -s \" \"; cat /proc/self/gid_map | tr -s \" \"; sleep 30")'
chmod 755 "$T"
oci create --bundle "$T/ns" ns </dev/null >"$T/ns.out" 2>"$T/ns.err"; oci start ns 2>>"$T/ns.err"; sleep 0.3
pid=$(oci state ns | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
check "user namespace: root inside" "$(head -1 "$T/ns.out")" = 0
check "... is an unknown id outside" "$(stat -c '%u %g' "/proc/$pid" 2>&1)" = "1500000000 1600000000"
check "... with the map asked for" "$(sed -n 2p "$T/ns.out" | sed 's/^ //')" = "0 1500000000 65536"
oci delete --force ns
bundle ns2 "$maps"'c["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 64}]; c["process"]["oomScoreAdj"] = 500; sh("ulimit -n; cat /proc/self/oom_score_adj; stat -c %t:%T /dev/null")'
check "limits, oom_score_adj and devices in a user namespace" "$(run ns2 | paste -sd' ')" = "64 500 1:3"
bundle nomap 'c["linux"]["namespaces"].append({"type": "user"})'
run nomap; check "a new user namespace without maps is refused" "$RC" -ne 0
bundle ns3 "$maps"'c["process"]["user"] = {"uid": 70000, "gid": 0}'
run ns3; check "an id that is not mapped is an error in words" "$(cat "$T/ns3.err")" "~" "not mapped"
