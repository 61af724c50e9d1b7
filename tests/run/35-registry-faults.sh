#!/bin/sh
# Registries that break, lie or stall: what is wrong never enters the store, what is broken is gone on with.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
needs python3 || skip_all "python3 is not installed"
plan 59
layout "$T/img" 2 300
LAYERS=$(python3 -c "import json,sys; d=sys.argv[1]; i=json.load(open(d+'/index.json')); m=json.load(open(d+'/blobs/sha256/'+i['manifests'][0]['digest'][7:])); print(' '.join(l['digest'][7:] for l in m['layers']))" "$T/img")
echo '{"registry-timeout": 2, "max-download-attempts": 4}' >"$MINICTR_CONFIG"
# pull FAULT [ARG]: a fresh store, a pull; output in $T/out and $T/err, status in $RC
pull() {
	fresh; fault_registry "$T/img" "$@"; fault_pid=$BG
	timeout 60 "$BIN/minictr-image" pull "127.0.0.1:$PORT/x" >"$T/out" 2>"$T/err" </dev/null; RC=$?
}
end() { kill "$fault_pid" 2>/dev/null; wait "$fault_pid" 2>/dev/null; }
layers_in_store() { n=0; for l in $LAYERS; do [ -e "$MINICTR_ROOT/images/blobs/sha256/$l" ] && n=$((n + 1)); done; echo $n; }
named() { grep -c "ref.name" "$MINICTR_ROOT/images/index.json" 2>/dev/null || true; }
# refused NAME FAULT PATTERN [ARG]: the pull fails with these words and leaves nothing behind
refused() {
	pull "$2" ${4:-}; end
	check "$1: refused" "$RC $(cat "$T/err")" "~" "^1 .*($3)"
	check "$1: nothing of it is in the store" "$(layers_in_store) $(named) $(bad_blobs "$MINICTR_ROOT")" = "0 0 "
}

pull count; end
check "the server itself is fine" "$RC $(layers_in_store)" = "0 2"

# broken lines
pull cut 100000; end
check "cut every 100000 bytes: the pull goes on by ranges" "$RC $(layers_in_store)" = "0 2"
check "ranges were asked for" "$(grep -c 'range=bytes=100000-' "$T/fault.log")" -ge 2
pull cutonce 1000; end
check "a server without ranges: the blob begins anew" "$RC $(layers_in_store) $(bad_blobs "$MINICTR_ROOT")" = "0 2 "
pull die 150000; end
check "a registry that dies: the pull fails" "$RC $(named)" = "1 0"
check "what came is kept aside, not as a blob" "$(layers_in_store) $(ls "$MINICTR_ROOT/images/ingest" | grep -c part)" "~" "^0 [12]$"
fault_registry "$T/img" count; fault_pid=$BG
exits 0 "the next pull goes on" mi pull "127.0.0.1:$PORT/x"
check "where the last one stopped" "$(grep -c 'range=bytes=[1-9]' "$T/fault.log")" -ge 1
check "and the bytes are right" "$(layers_in_store) $(bad_blobs "$MINICTR_ROOT")" = "2 "; end
pull stall; end
check "a stalled line is noticed and gone on with, or given up" "$(layers_in_store) $(bad_blobs "$MINICTR_ROOT")" "~" "^[02] $"
check "a stalled pull does not hang" "$RC" != 124
pull stallonce; end
check "a kept connection that stalls once: the pull goes on" "$RC $(layers_in_store)" = "0 2"
pull drip; end
check "a byte at a time is as good as silence" "$RC $(layers_in_store)" = "1 0"

# a pull killed with -9 at any byte
fresh; fault_registry "$T/img" drip; fault_pid=$BG
"$BIN/minictr-image" pull "127.0.0.1:$PORT/x" >/dev/null 2>&1 & victim=$!
sleep 0.7; kill -9 $victim; wait $victim 2>/dev/null; end
check "kill -9: no name, no wrong blob" "$(named) $(bad_blobs "$MINICTR_ROOT")" = "0 "
fault_registry "$T/img" count; fault_pid=$BG
exits 0 "and the next pull ends well" mi pull "127.0.0.1:$PORT/x"; end

# killed again and again, at whatever point
fresh; layout "$T/large" 4 4000; fault_registry "$T/large" count; fault_pid=$BG; whole=0
for ms in 005 010 015 020 025 030 040 050; do
	"$BIN/minictr-image" pull "127.0.0.1:$PORT/x" >/dev/null 2>&1 & victim=$!
	sleep "0.$ms"; kill -9 $victim 2>/dev/null; wait $victim 2>/dev/null
	[ "$(bad_blobs "$MINICTR_ROOT")" = "" ] && whole=$((whole + 1))
done
check "killed eight times: never a wrong blob" "$whole" = 8
exits 0 "and the last pull completes" mi pull "127.0.0.1:$PORT/x"
check "with all four layers" "$(ls -d "$MINICTR_ROOT"/layers/*/fs/file? | wc -l) $(bad_blobs "$MINICTR_ROOT")" = "4 "; end

# damaged leftovers: a half file with wrong bytes is found out and fetched anew
fresh; mkdir -p "$MINICTR_ROOT/images/ingest"
for l in $LAYERS; do head -c 50000 /dev/urandom >"$MINICTR_ROOT/images/ingest/$l.part"; done
fault_registry "$T/img" count; fault_pid=$BG
exits 0 "rubbish left in ingest does not stop a pull" mi pull "127.0.0.1:$PORT/x"
check "nor enter the store" "$(layers_in_store) $(bad_blobs "$MINICTR_ROOT")" = "2 "; end

# lies
refused "a flipped byte" flip "verification failed for digest sha256"
refused "too few bytes" short "verification failed|connection broke"
refused "an endless layer" endless "more than the [0-9]+ bytes that the manifest promises"
refused "a wrong digest header" liar "registry says the manifest is"
refused "an endless manifest" bigmanifest "larger than"
refused "an endless header" bighead "headers|[Hh]eader"
refused "a web page for a manifest" garbage "manifest"
refused "a million brackets" deep "manifest"
refused "index and manifest in one" both "both an index and a manifest"
refused "a digest that climbs" climb "sha256"

# doors to elsewhere
refused "endless 401" loop401 "access denied for 127.0.0.1:[0-9]+/x"
check "the token server is asked three times at most" "$(grep -c GET./token "$T/fault.log")" -le 3
refused "redirect in a circle" redirloop "redirects"
refused "redirect to a file" redirfile "no usable address"
pull redirect; end
check "a redirect to another origin is followed" "$RC $(layers_in_store)" = "0 2"
check "the token is shown to the registry" "$(grep '^registry GET.*/manifests/' "$T/fault.log" | grep -c 'Bearer planted-token')" -ge 1
check "but never to the other origin" "$(grep '^elsewhere' "$T/fault.log" | grep -vc 'auth=None')" = 0

# too many requests
pull limit 2; end
check "429 with Retry-After is waited for" "$RC $(layers_in_store)" = "0 2"
pull ratelimit; end
check "an hour is not waited for, but explained" "$(cat "$T/err")" "~" "toomanyrequests: You have reached your pull rate limit.*try again after 3600"
pull busy 2; end
check "503 is tried again" "$RC $(layers_in_store)" = "0 2"

# images that are whole but wrong
wrong() { fresh; layout "$T/$1" 1 100 "$1"; fault_registry "$T/$1" count; fault_pid=$BG; timeout 60 "$BIN/minictr-image" pull "127.0.0.1:$PORT/x" >"$T/out" 2>"$T/err" </dev/null; RC=$?; end; }
wrong baddiff
check "a layer that is not the tar the configuration promises" "$RC $(named) $(ls "$MINICTR_ROOT/layers" | wc -l)" = "1 0 0"
check "says so" "$(cat "$T/err")" "~" "sha256"
wrong bomb
check "a gzip bomb (256 MB out of 250 KB) is refused" "$RC $(named)" = "1 0"
check "and leaves no unpacked layer" "$(du -sm "$MINICTR_ROOT/layers" | cut -f1)" -lt 10
wrong artifact
check "an artifact with the empty config is explained" "$(cat "$T/err")" "~" "no container image but an artifact of type application/vnd.oci.empty"
check "and leaves no layer" "$(ls "$MINICTR_ROOT/layers" | wc -l)" = 0
