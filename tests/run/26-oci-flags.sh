#!/bin/sh
# 26-oci-flags.sh - the command line of minictr-oci: every flag in the help, wrong words in one sentence and in the log, JSON
# with the keys that runc's callers read.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
plan 71
src=$HERE/minictr/runtime

# --- help ---
missing=""
help() { "$BIN/minictr-oci" "$@" --help; }
in_help() {  # FILE VERB...: the verbs' tables of flags are in this file
	file=$1; shift
	for f in $(sed -n 's/.*{ "\([a-z-]*\)", \(required\|no\)_argument.*/\1/p' "$src/$file"); do
		found=""; for v in "$@"; do help $v | grep -q -- "--$f\b" && found=1; done
		[ -n "$found" ] || missing="$missing $file:--$f"
	done
}
in_help oci/oci_main.c ""; in_help oci/create.c run; in_help oci/exec.c exec; in_help oci/state.c list kill delete
in_help oci/stats.c ps update; in_help oci/events.c events; in_help oci/spec.c spec
for f in $(sed -n 's/^	{ "\([a-z-]*\)", "\(memory\|cpu\|pids\|blockIO\)",.*/\1/p' "$src/oci/stats.c"); do
	help update | grep -q -- "--$f\b" || missing="$missing update:--$f"
done
check "every flag is in the help of its verb" "$missing" = ""
silent=""
for v in create start state kill delete run exec ps list pause resume update spec features events; do
	help $v | grep -q "^usage: minictr-oci $v" || silent="$silent $v"
	help | grep -q "^  $v " || silent="$silent $v"
done
check "every verb has a help, and stands in the list" "$silent" = ""

# --- wrong words ---
bad() {  # STATUS WANT ARGS...: one sentence, also as the last line of the log
	want=$1 says=$2; shift 2; rm -f "$T/log"
	"$BIN/minictr-oci" --root "$T/oci" --log "$T/log" --log-format json "$@" >"$T/out" 2>"$T/err" </dev/null; rc=$?
	check "$*: exit status $want" "$rc" -eq "$want"
	check "... and says why, in the log too" "$(head -1 "$T/err") $(tail -1 "$T/log" | jq -r '.level + " " + .msg')" "~" "^minictr-oci: .*$says.* error .*$says"
}
bad 1 'unknown flag: --nosuch' --nosuch list
bad 1 'unknown verb: crate' crate
bad 1 'a verb is missing'
bad 1 'cgroup-manager x: expected cgroupfs' --cgroup-manager x list
bad 1 'rootless maybe: expected' --rootless maybe list
bad 1 'create: --bundle needs a value' create --bundle
bad 1 'create: unknown flag: --what' create --what x
bad 1 'takes no value' run --detach=yes x
bad 1 'preserve-fds: expected a small number' create --preserve-fds x a
bad 1 'unexpected word: b' start a b
bad 1 'unexpected word: --force' delete a --force
bad 1 'format xml: expected table or json' list -f xml
bad 1 'unexpected word: x' spec x
bad 1 'interval 5x: expected a time' events --interval 5x a
bad 1 'memory much: expected a number of bytes' update --memory much a
bad 1 'invalid signal: 99' kill a 99
bad 255 'does not exist' exec nope true
exits 1 "--log-format xml" oci --log-format xml list
check "... is refused" "$(cat "$T/err")" "~" 'expected text or json'
exits 1 "a log that cannot be opened" oci --log /no/such/log list
check "... is an error" "$(cat "$T/err")" "~" '/no/such/log'
oci --log "$T/dbg" --debug list >/dev/null
check "--debug: the command and its end are logged" "$(grep -c 'level=debug' "$T/dbg") $(cat "$T/dbg")" "~" '^2 .*command: .*list'

# --- what is printed ---
bundle "$T/b" '.process.args=["sleep","100"] | .linux.cgroupsPath="/minictr-oci/k1"'
oci run -d -b "$T/b" k1 </dev/null >/dev/null 2>&1
keys() { jq -r 'keys_unsorted|sort|join(" ")'; }
check "state has the spec's keys, and runc's" "$(oci state k1 | keys)" = "bundle created id ociVersion owner pid rootfs status"
check "list -f json has the same" "$(oci list -f json | jq '.[0]' | keys)" = "bundle created id ociVersion owner pid rootfs status"
check "list has runc's columns" "$(oci list | head -1 | tr -s ' ')" = "ID PID STATUS BUNDLE CREATED OWNER"
check "ps -f json is one line of pids" "$(oci ps -f json k1)" = "[$(pid k1)]"
stats=$(oci events --stats k1)
check "events: type, id, data" "$(echo "$stats" | keys)" = "data id type"
check "events: runc's keys" "$(echo "$stats" | jq -r '.data|[.cpu.usage.total,.cpu.usage.user,.cpu.usage.kernel,.cpu.throttling.periods,.memory.usage.usage,.memory.usage.limit,.memory.usage.max,.memory.usage.failcnt,.memory.swap.limit,.memory.kernel.usage,.memory.raw.pgfault,.pids.current]|map(type)|unique|join(",")')" = number
exits 0 "update --memory with a unit" oci update --memory 64m k1
check "... in bytes" "$(oci events --stats k1 | jq .data.memory.usage.limit)" = 67108864
echo '{"memory":{"limit":50331648},"pids":{"limit":77}}' >"$T/res"
exits 0 "update: flags change what --resources says, wherever it stands" oci update --memory 32m --resources "$T/res" k1
check "... both arrive" "$(oci events --stats k1 | jq -c '.data|[.memory.usage.limit,.pids.limit]')" = "[33554432,77]"
exits 0 "kill takes RTMIN" oci kill k1 RTMIN
oci delete --force k1
mknod "$T/null" c 1 3
check "--pid-file of a device: written to, not replaced" "$(oci create -b "$T/b" --pid-file "$T/null" kp </dev/null >/dev/null 2>&1; echo $?; stat -c %F "$T/null"; oci delete --force kp)" = "$(printf '0\ncharacter special file')"
exits 0 "--cgroup-manager disabled" oci --cgroup-manager disabled run -d -b "$T/b" k2
check "... stays where the caller is" "$(sort "/proc/$(pid k2)/cgroup")" = "$(sort /proc/self/cgroup)"
oci delete --force k2

# --- features and spec ---
features=$("$BIN/minictr-oci" features)
check "features has no key the spec does not know" "$(echo "$features" | jq -r 'keys - ["ociVersionMin","ociVersionMax","hooks","mountOptions","linux","annotations","potentiallyUnsafeConfigAnnotations"] + (.linux|keys - ["namespaces","capabilities","cgroup","seccomp","apparmor","selinux","intelRdt","mountExtensions"]) | join(" ")')" = ""
words=$(sed -n 's/^	{ "\([a-z]*\)", WORD_.*/\1/p' "$src/config_mounts.c" | sort | paste -sd' ')
check "features names the mount options that are parsed" "$(echo "$features" | jq -r '.mountOptions|sort|join(" ")')" = "$words"
bundle "$T/b" '.process.args=["true"]'
jq --argjson f "$features" '.mounts += [$f.mountOptions[] | select(test("^(r?bind|r?idmap|remount)$")|not) | {destination: ("/tmp/" + .), type: "tmpfs", source: "tmpfs", options: [.]}] | .root.readonly=false' "$T/b/config.json" >"$T/b/c" && mv "$T/b/c" "$T/b/config.json"
exits 0 "each of them is taken" oci run -b "$T/b" k3
wrong=""
for a in $(echo "$features" | jq -r '.linux.seccomp.archs[]'); do
	bundle "$T/b" ".process.args=[\"true\"] | .linux.seccomp={defaultAction:\"SCMP_ACT_ALLOW\",architectures:[\"$a\"]}"
	oci run -b "$T/b" k4 >/dev/null 2>"$T/err" </dev/null || grep -q 'another byte order' "$T/err" || wrong="$wrong $a"
done
check "each architecture it names is known" "$wrong" = ""
bundle "$T/b" '.process.args=["true"] | .linux.seccomp={defaultAction:"SCMP_ACT_ALLOW",syscalls:[]}'
jq --argjson f "$features" '.linux.seccomp.flags=[$f.linux.seccomp.supportedFlags[]|select(test("WAIT")|not)] | .linux.seccomp.syscalls=[$f.linux.seccomp.operators[] as $o | $f.linux.seccomp.actions[] | select(test("NOTIFY")|not) | {names:["kexec_load"],action:.,args:[{index:5,value:77,op:$o}]}]' "$T/b/config.json" >"$T/b/c" && mv "$T/b/c" "$T/b/config.json"
exits 0 "each action, operator and flag it names is known" oci run -b "$T/b" k5
mkdir "$T/s"; oci spec --rootless -b "$T/s"
check "spec --rootless: own ids, the host's network and /sys" "$(jq -c '[([.linux.namespaces[].type]|sort|join(" ")), .linux.uidMappings[0].size, (.mounts[]|select(.destination=="/sys")|.options[0]), ([.mounts[].options[]?|select(startswith("gid="))]|length), (.linux|has("resources"))]' "$T/s/config.json")" = '["cgroup ipc mount pid user uts",1,"rbind",0,false]'

# --- JSON that is wrong ---
json() {  # NAME WANT FILTER-or-text: config.json is what the sed makes of a good one
	bundle "$T/b" '.process.args=["true"] | .hostname="box"'
	jq -c . "$T/b/config.json" | sed "$3" >"$T/b/c"; mv "$T/b/c" "$T/b/config.json"
	oci run -b "$T/b" k6 >"$T/out" 2>"$T/err" </dev/null; rc=$?
	check "JSON: $1" "$rc $(cat "$T/err")" "~" "$2"
}
json "cut off" '^1 .*config.json:.*not valid JSON' 's/}}$//'
json "something behind it" '^1 .*config.json:.*something follows' 's/$/x/'
json "deeply nested" '^1 .*nesting too deep' "s/^{/{\"x\":$(head -c 5000 /dev/zero | tr '\0' '['),/"
json "a NUL in a string" '^1 .*config.json: hostname: a NUL byte' 's/"box"/"b\\u0000x"/'
json "bytes that are no UTF-8" '^1 .*config.json:.*UTF-8' "s/\"box\"/\"b$(printf '\377')x\"/"
json "the same key twice: the last counts" '^0 $' 's/"hostname":/"hostname":7,"hostname":/'
json "unknown keys are ignored" '^0 $' 's/^{/{"x":{"y":[1]},/; s/"process":{/"process":{"x":null,/; s/"linux":{/"linux":{"x":[{}],/'
json "a text where an object belongs" '^1 .*config.json: linux.resources.memory: expected an object' 's/"resources":{/"resources":{"memory":"64m",/'
json "an object where a list belongs" '^1 .*config.json: linux.seccomp.syscalls: expected an array' 's/"linux":{/"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":{}},/'
json "a number of more than 64 bits" '^1 .*does not fit 64 bits' 's/"uid":0/"uid":99999999999999999999/'
