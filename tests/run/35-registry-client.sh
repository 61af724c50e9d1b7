#!/bin/sh
# 35-registry-client.sh - our client against registries that are sparse, foreign, circular or restart; names, digests, messages.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
needs python3 curl || skip_all "needs python3 and curl"
plan 41
layout "$T/img" 2 300
echo '{"registry-timeout": 2, "max-download-attempts": 4}' >"$MINICTR_CONFIG"
# ask FAULT ARG COMMAND...: a fresh store, a server with that fault, one command on it; @ is its address
ask() {
	fresh; fault_registry "$T/img" "$1" $2; fault_pid=$BG; shift 2
	timeout 40 "$BIN/minictr-image" $(printf '%s ' "$@" | sed "s/@/127.0.0.1:$PORT/g") >"$T/out" 2>"$T/err" </dev/null; RC=$?
	kill "$fault_pid" 2>/dev/null; wait "$fault_pid" 2>/dev/null
}
tags() { mc images --format '{{.Tag}}' | sort | paste -sd' '; }

ask restart 100000 pull @/x
check "a registry that restarts in the middle: the pull goes on" "$RC $(tags)" = "0 latest"
check "by a range" "$(grep -c 'range=bytes=100000-' "$T/fault.log")" = 1
ask noscope 0 pull @/x
check "a challenge without scope and service: the client names the scope" "$RC $(tags)" = "0 latest"
ask badrealm 0 pull @/x
check "a challenge whose realm is no address" "$RC $(cat "$T/err")" "~" "^1 .*names no token server"
ask twoways 0 pull --creds alice:secret @/x
check "of two challenges the one that can be answered" "$RC $(tags)" = "0 latest"
ask nextloop 0 pull -a @/x
check "a list that leads back to itself ends" "$RC $(cat "$T/err")" "~" "^1 .*leads back to a page"
check "after two requests" "$(grep -c tags/list "$T/fault.log")" -le 2
ask nextgrow 0 pull -a @/x
check "and one that does so under new addresses" "$RC $(cat "$T/err")" "~" "^1 .*leads back to a page"
ask nextforeign 0 pull -a @/x
check "a list that goes on elsewhere is refused" "$RC $(cat "$T/err") $(grep -c ^elsewhere "$T/fault.log")" "~" "^1 .*on another server.* 0$"
ask oddlinks 0 pull -a @/x
check "unusual Link headers are followed" "$RC $(grep -o 'page=[0-9]' "$T/fault.log" | paste -sd' ') $(tags)" = "0 page=2 page=3 t1 t2 t3"
ask escapes 0 pull -a @/x
check "a server's tags do not reach the terminal raw" "$RC $(grep -c "$(printf '\033')" "$T/out") $(tags)" = "0 0 latest"
ask plainindex 0 pull @/x
check "an index without platforms: the configuration tells" "$RC $(tags)" = "0 latest"
ask nested 0 pull @/x
check "an index in an index" "$RC $(tags)" = "0 latest"

# --- names and digests ---
fresh; fault_registry "$T/img" count; H=127.0.0.1:$PORT
exits 0 "pull NAME:TAG@DIGEST" mi pull -q "$H/x:prod@$DIGEST"
check "makes no tag" "$(mc images --format '{{.Tag}}')" = "<none>"
exits 0 "is found by its digest" mc inspect "$H/x@$DIGEST"
exits 0 "and by tag and digest" mc inspect "$H/x:prod@$DIGEST"
exits 1 "not by the tag" mc inspect --type image "$H/x:prod"
our_registry "$T/served"; S=127.0.0.1:$PORT; U=http://$S
python3 - "$T/img" "$U" "$T/m512" <<'P'
import hashlib, json, os, sys, urllib.request
lay, url, out = sys.argv[1:]
index = json.load(open(lay + "/index.json"))["manifests"][0]
m = json.loads(open(lay + "/blobs/sha256/" + index["digest"][7:], "rb").read())
def send(method, path, data, kind):
    urllib.request.urlopen(urllib.request.Request(url + path, data, {"Content-Type": kind}, method=method)).read()
def put(data):
    d = "sha512:" + hashlib.sha512(data).hexdigest()
    send("POST", "/v2/a/b/blobs/uploads/?digest=" + d, data, "application/octet-stream")
    return d
for part in [m["config"]] + m["layers"]:
    part["digest"] = put(open(lay + "/blobs/sha256/" + part["digest"][7:], "rb").read())
body = json.dumps(m).encode(); d = "sha512:" + hashlib.sha512(body).hexdigest()
send("PUT", "/v2/a/b/manifests/" + d, body, m["mediaType"])
open(out, "w").write(d)
P
D=$(cat "$T/m512"); export MINICTR_ROOT="$T/c512"
exits 0 "pull NAME@sha512:..., of blobs named so" mi pull -q "$S/a/b@$D"
check "every blob is what its name says" "$(cd "$MINICTR_ROOT/images/blobs/sha512" && sha512sum * | awk '$1 != $2' | wc -l) $(ls "$MINICTR_ROOT/images/blobs/sha512" | wc -l)" = "0 4"
check "it is unpacked" "$(ls "$MINICTR_ROOT"/layers/*/fs/file0 "$MINICTR_ROOT"/layers/*/fs/file1 | wc -l)" = 2
exits 0 "and can be tagged, saved" mc tag "$S/a/b@$D" here:1
mc save here:1 >"$T/here.tar"; MINICTR_ROOT=$T/c513 exits 0 "and loaded" "$BIN/minictr" load -q -i "$T/here.tar"
check "garbage collection leaves it" "$(mc image prune -f >/dev/null; ls "$MINICTR_ROOT/images/blobs/sha512" | wc -l)" = 4
mc rmi -f here:1 "$S/a/b@$D" >/dev/null 2>&1
check "and takes it with its last name" "$(ls "$MINICTR_ROOT/images/blobs/sha512" "$MINICTR_ROOT/layers" | grep -c '^[0-9a-f]')" = 0
export MINICTR_ROOT="$T/root"

# --- words ---
ask password 0 pull --creds alice:wrong @/x
check "a wrong password" "$RC $(cat "$T/err")" "~" "^1 .*incorrect username or password for alice"
check "of --creds" "$(cat "$T/err")" "~" "behind --creds"
ask password 0 pull --creds alice @/x
check "--creds without a password" "$RC $(cat "$T/err")" "~" "^1 .*USER:PASSWORD"
ask password 0 pull --creds alice:secret @/x
check "the right one" "$RC" = 0
ask password 0 pull @/x
check "none" "$(cat "$T/err")" "~" "minictr login 127.0.0.1"
ask lost 0 pull @/x
check "a missing layer is not called a missing manifest" "$RC $(cat "$T/err")" "~" "^1 .*does not have sha256:[0-9a-f]*, which the image is made of"
check "and what to do" "$(cat "$T/err")" "~" "pushed again"
exits 1 "no server" mi pull "127.0.0.1:9/x"
check "says what to look at" "$(cat "$T/err")" "~" "no registry answers there"
exits 1 "search on a dead server" mi search "127.0.0.1:9/x"
check "does not speak of catalogs" "$(cat "$T/err")" "!~" catalog

# --- progress on a terminal: bytes while they come, while they are unpacked, while they go; on a quick machine the last line ---
last_bar() { tr '\r' '\n' <"$T/tty" | grep -o "$1 .*" | grep -o '[0-9.]*MB/[0-9.]*MB' | tail -1; }
layout "$T/big" 1 100000 none; fault_registry "$T/big" count; B=127.0.0.1:$PORT
fresh; python3 "$HERE/tests/run/terminal.py" 30 120 -- "$BIN/minictr-image" pull "$B/x" >"$T/tty" 2>&1 || true
check "unpacking shows how far it is" "$(last_bar Downloading) $(last_bar Extracting)" "~" '^([0-9.]+MB)/\1 \1/\1$'
mi tag "$B/x" "$S/big/x:1"
python3 "$HERE/tests/run/terminal.py" 30 120 -- "$BIN/minictr-image" push "$S/big/x:1" >"$T/tty" 2>&1
check "pushing, too" "$(last_bar Pushing)" "~" '^([0-9.]+MB)/\1$'
mi push "$S/big/x:1" >"$T/pipe"
check "a pipe gets lines without a bar" "$(grep -c -e '\[=' -e "$(printf '\033')" "$T/pipe")" = 0

# --- a full disk ---
fault_registry "$T/big" count; B=127.0.0.1:$PORT
mkdir "$T/small"; mount -t tmpfs -o size=40m tmpfs "$T/small"; cleanup() { umount -l "$T/small" 2>/dev/null; }
MINICTR_ROOT=$T/small exits 1 "a pull on a disk that is too small" "$BIN/minictr-image" pull "$B/x"
check "says so, and what to do; nothing of it stays" "$(paste -sd' ' "$T/err") $(find "$T/small/images/blobs" "$T/small/images/ingest" "$T/small/layers" -type f | wc -l)" "~" "No space left.*system df.* 0$"
