#!/bin/sh
# Attacks on the engine by what it reads: an image's users, working directory and words, a health check that never stops
# talking, file names that speak to the terminal, a folder in /tmp that was there before us.
. "$(dirname "$0")/lib.sh"
need_root
needs busybox python3 jq script || skip_all "needs busybox, python3, jq, script"
plan 36
chmod 755 "$T"
ESC=$(printf '\033')

# An image of a tree: image NAME, from $T/tree; its configuration is $T/config (docker's "config").
python3 - "$T" <<'P' || exit 1
import sys
open(sys.argv[1] + "/pack.py", "w").write('''
import hashlib, io, json, sys, tarfile
T, name = sys.argv[1:3]
layer = open(T + "/layer.tar", "rb").read()
config = json.load(open(T + "/config"))
doc = json.dumps({"architecture": {"x86_64": "amd64", "aarch64": "arm64", "riscv64": "riscv64"}[__import__("os").uname().machine], "os": "linux",
    "config": config, "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
    "history": [{"created": "2020-01-01T00:00:00Z", "created_by": chr(27) + "]0;TITLE" + chr(7) + "run\\\\r", "comment": chr(0x9b) + "2J"}]}).encode()
doc_name = hashlib.sha256(doc).hexdigest() + ".json"
with tarfile.open(T + "/image.tar", "w") as t:
    for path, data in (("l.tar", layer), (doc_name, doc), ("manifest.json", json.dumps([{"Config": doc_name, "RepoTags": [name], "Layers": ["l.tar"]}]).encode())):
        i = tarfile.TarInfo(path); i.size = len(data); t.addfile(i, io.BytesIO(data))
''')
P
fresh() { rm -rf "$T/tree"; busybox_rootfs "$T/tree"; }
image() { printf '%s\n' "$2" >"$T/config"; tar -C "$T/tree" -cf "$T/layer.tar" . && python3 "$T/pack.py" "$T" "$1" && mc load -i "$T/image.tar" >/dev/null; }
try() { timeout -k 1 20 "$BIN/minictr" run --rm --network none "$@" 2>&1; }

# The program's user without asking the file once more from inside.
whoami() { try "$@" awk '/^Uid/ {print $2}' /proc/self/status; }

# --- /etc/passwd: a stranger's file, read by root ---
printf 'planted:x:4242:4242::/:/bin/sh\n' >"$T/outside"
fresh; rm "$T/tree/etc/passwd"; ln -s "$T/outside" "$T/tree/etc/passwd"; image link:1 '{}'
check "a link to a file of the host is not followed there" "$(try -u planted link:1 id -u)" "~" "unable to find user planted"
fresh; rm "$T/tree/etc/passwd"; mkfifo "$T/tree/etc/passwd"; image fifo:1 '{}'
check "nobody waits for a fifo" "$(whoami -u 7 fifo:1)" = 7
fresh; rm "$T/tree/etc/passwd"; ln -s /proc/kmsg "$T/tree/etc/passwd"; image kmsg:1 '{}'
check "nor for the kernel's log" "$(whoami -u 7 kmsg:1)" = 7
fresh; rm "$T/tree/etc/passwd"; mknod "$T/tree/etc/passwd" c 1 5; image zero:1 '{}'
check "nor is a device read" "$(whoami -u 7 zero:1)" = 7
fresh; head -c 3000000 /dev/zero | tr '\0' x >"$T/tree/etc/passwd"; image huge:1 '{}'
check "three megabytes of one line" "$(whoami -u 7 huge:1)" = 7
fresh; printf 'big:x:4294967295:4294967295::/:\nneg:x:-1:-1::/:\nhex:x:0x0:0::/:\nroot::\n::::::\nnum:x:5:6:%%s%%n:/h%%n:\n' >"$T/tree/etc/passwd"; image ids:1 '{}'
for who in big neg hex 4294967295 -1 '%s%n' ''; do [ -z "$who" ] || try -u "$who" ids:1 id -u; done >"$T/out" 2>&1
check "no id that means \"unchanged\" and none that is no number" "$(grep -vcE 'unable to find user|invalid argument' "$T/out")" = 0
check "format characters in a home directory are text" "$(try -u num ids:1 sh -c 'echo $HOME')" = "/h%n"

# --- what an image says of itself ---
fresh; image words:1 '{"User":"%s%n%n","Cmd":["id"]}'
check "a user of format characters" "$(try words:1)" "~" "unable to find user %s%n%n"
before=$(ls -d /* "$T"/*)
image dir:1 "{\"WorkingDir\":\"/../../../../../..$T/escaped\",\"Cmd\":[\"pwd\"]}"
check "a working directory that climbs is made inside" "$(try dir:1 /bin/pwd)" = "$T/escaped"
check "and nothing outside" "$(ls -d /* "$T"/*)" = "$before"
image fd:1 '{"WorkingDir":"/proc/self/fd/5/../../..","Cmd":["/bin/ls"]}'
check "nor is a descriptor of ours a working directory" "$(try fd:1)" "!~" '^(lib|sbin|usr)$'
image env:1 '{"Env":["A=one\nB=two","=empty","NOTHING","F=%s%n"],"Cmd":["/bin/env"]}'
check "a line break in a variable makes no other one" "$(try env:1 sh -c 'echo "<$B> <$F>"')" = "<> <%s%n>"
image types:1 '{"User":5,"Env":"x","Cmd":{"a":1},"Labels":[1],"WorkingDir":[],"Healthcheck":7}'
try types:1 /bin/true >"$T/out"; check "wrong types end in a sentence or a program, not in a crash" $? -lt 128

# --- /proc of the image as a link: found again when the masks look for it, or not at all (CVE-2019-19921) ---
fresh; rmdir "$T/tree/proc"; mkdir -p "$T/tree/a/p"; ln -s /a "$T/tree/dev/x"; ln -s /dev/x/p "$T/tree/proc"; image open:1 '{}'
check "an image that wants a proc without masks does not run" "$(try open:1 sh -c 'ls /a/p; echo up')" "~" "no ordinary directory"

# --- words for the terminal: all control characters are written out ---
fresh; image esc:1 '{"Cmd":["sleep","60","\u001b[31m\r\u001b]0;T\u0007"],"Labels":{"k\u001b[2J":"v\u009b31m\u001b]0;L\u0007\n2030-01-01T00:00:00Z container die FORGED"}}'
mc create --name e1 esc:1 >/dev/null || not_ok "create"
obeyed() { LC_ALL=C grep -c "$(printf '[\001-\010\013-\037\177]\\|\302[\200-\237]')" "$1"; }
terminal() { script -qec "$BIN/minictr $*" /dev/null </dev/null 2>&1 | tr -d '\r' >"$T/shown"; }
for words in "ps -a" "ps -a --no-trunc" "ps -a --format '{{.Labels}}{{.Command}}'" "history esc:1" "history --no-trunc esc:1" "inspect -f '{{.Config.Labels}}' e1" "events --since 10m --until 0s"; do
	terminal "$words"; check "$words" "$(test -s "$T/shown" && obeyed "$T/shown")" = 0
done
check "a label is no event of its own" "$(mc events --since 10m --until 0s | grep -c '^2030')" = 0
check "a script gets the bytes as they are" "$(mc ps -a --format '{{.Labels}}' | head -1)" "~" "k$ESC"
mc rm -f e1 >/dev/null
mc run -d --name e2 --network none ids:1 sh -c "touch '/tmp/${ESC}[31m'; sleep 60" >/dev/null
eventually 5 sh -c "'$BIN/minictr' diff e2 | grep -q 31m"
terminal diff e2; check "names of files" "$(obeyed "$T/shown")" = 0
terminal exec e2 "'${ESC}[31m'"; check "an error that repeats them" "$(obeyed "$T/shown")" = 0
mc rm -f e2 >/dev/null

# --- cp of a fifo into a container that exchanges it for a link: chmod(2) by name would follow that to the host's file ---
echo mine >"$T/victim"; chmod 600 "$T/victim"
mkdir "$T/fifo"; mkfifo -m 666 "$T/fifo/f"; tar -C "$T/fifo" -cf "$T/fifo.tar" f
mc run -d --name swap --network none ids:1 sh -c "mkdir /x; while :; do [ ! -p /x/f ] || { ln -s '$T/victim' /x/.l; mv -f /x/.l /x/f; }; done" >/dev/null
eventually 5 "$BIN/minictr" exec swap test -d /x
i=0; while [ $i -lt 80 ] && [ "$(stat -c %a "$T/victim")" = 600 ]; do i=$((i + 1)); mc cp - swap:/x <"$T/fifo.tar" >/dev/null 2>&1; done
check "a file of the host keeps its mode" "$(stat -c %a "$T/victim")" = 600
mc rm -f swap >/dev/null
exits 125 "a volume over the root is refused" mc run --rm -v "$T:/" ids:1 true
check "... in docker's words" "$(cat "$T/err")" "~" "destination can't be '/'"
for v in vol:/a/../.. vol:/./b/..; do exits 125 "... written as $v, too" mc run --rm -v $v ids:1 true; done
check "... and what would be mounted is named" "$(cat "$T/err")" "~" 'type "volume": invalid specification'
check "a name of three dots is a name" "$(mc run --rm -v "$T:/...:ro" ids:1 sh -c 'ls -d /...')" = "/..."
check "/proc/interrupts tells nothing of the neighbours" "$(mc run --rm --network none ids:1 cat /proc/interrupts)" = ""

# --- a health check that never stops talking, or leaves somebody behind who does ---
mc run -d --name h1 --network none --health-cmd 'cat /dev/zero & cat /dev/zero' --health-interval 1s --health-timeout 1s --health-retries 1 ids:1 sleep 60 >/dev/null
mc run -d --name h2 --network none --health-cmd 'cat /dev/zero & exit 0' --health-interval 1s --health-timeout 20s --health-retries 1 ids:1 sleep 60 >/dev/null
eventually 15 sh -c "'$BIN/minictr' inspect -f '{{.State.Health.Status}}' h1 | grep -qx unhealthy" && ok "endless output is no way past the time limit" || not_ok "endless output is no way past the time limit" "$(mc inspect h1 | jq -c '.[0].State.Health' | cut -c1-300)"
eventually 10 sh -c "'$BIN/minictr' inspect -f '{{.State.Health.Status}}' h2 | grep -qx healthy" && ok "the test has ended when its process has" || not_ok "the test has ended when its process has" "$(mc inspect h2 | jq -c '.[0].State.Health' | cut -c1-300)"
mc rm -f h1 h2 >/dev/null

# --- /tmp/minictr-UID: another user took the name first ---
uid=$((400000 + $$ % 100000)); mkdir "/tmp/minictr-$uid"; chown 4242 "/tmp/minictr-$uid"
mkdir -p "$T/home" "$T/bin"; chown $uid "$T/home"; cp "$BIN/minictr" "$T/bin/"
user() { MINICTR_ROOT=$T/home/root setpriv --reuid $uid --regid $uid --clear-groups env -u XDG_RUNTIME_DIR HOME="$T/home" "$T/bin/minictr" "$@" 2>&1; }
check "a run folder of another user is not used" "$(user ps)" "~" "belongs to another user|user namespaces"
user internal rootless-stop >/dev/null
rmdir "/tmp/minictr-$uid"; rm -rf "/tmp/minictr-run-$uid"
