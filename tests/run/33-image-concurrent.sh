#!/bin/sh
# 33-image-concurrent.sh - several writers of one store, writers that are killed, garbage collected meanwhile.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 busybox || skip_all "needs python3 and busybox"
mi() { "$BIN/minictr-image" "$@"; }
S=$MINICTR_ROOT/images
plan 18
for i in 1 2 3; do mkdir -p "$T/l$i"; head -c 6000000 /dev/urandom >"$T/l$i/data$i"; for j in $(seq 200); do echo "$j" >"$T/l$i/f$i.$j"; done; done
for i in 1 2 3; do tar -C "$T/l$i" -c . | mi import - "layer:$i" >/dev/null; done
mi save -o "$T/three.tar" layer:1 layer:2 layer:3
mi rmi layer:1 layer:2 layer:3 >/dev/null
check "the store is empty" "$(find "$S/blobs" "$MINICTR_ROOT/layers" -type f)" = ""

# Whole: every name in the index leads to blobs with the right hash and to unpacked layers.
cat >"$T/fsck.py" <<'P'
import hashlib, json, os, sys
root = sys.argv[1]; bad = 0
def blob(d):
    data = open(f"{root}/images/blobs/sha256/{d[7:]}", "rb").read()
    assert hashlib.sha256(data).hexdigest() == d[7:], d
    return data
for e in json.load(open(root + "/images/index.json"))["manifests"]:
    m = json.loads(blob(e["digest"])); c = json.loads(blob(m["config"]["digest"]))
    for l in m["layers"]: blob(l["digest"])
    for d in c["rootfs"]["diff_ids"]:
        fs = f"{root}/layers/{d[7:]}/fs"
        assert len(os.listdir(fs)) == 201, fs
P
whole() { python3 "$T/fsck.py" "$MINICTR_ROOT" 2>&1 | tail -1; }

# --- the same archive, six times at once ---
pids=""; for i in 1 2 3 4 5 6; do mi load -q -i "$T/three.tar" >"$T/load$i" 2>&1 & pids="$pids $!"; done
failed=0; for p in $pids; do wait "$p" || failed=1; done
check "six loads at once all succeed" "$failed" = 0
check "... each says so" "$(cat "$T"/load? | sort | uniq -c | awk '{print $1}' | tr '\n' ' ')" = "6 6 6 "
check "one image for each name" "$(mi images --format '{{.Tag}}' layer | sort | tr '\n' ' ')" = "1 2 3 "
check "each layer once, no leftovers" "$(ls "$MINICTR_ROOT/layers" | wc -l)$(ls "$MINICTR_ROOT/layers" | grep -c -e tmp -e lock)" = 30
check "the store is whole" "$(whole)" = ""

# --- names by eight processes ---
pids=""; for i in 1 2 3 4 5 6 7 8; do (for j in 1 2 3 4 5 6 7 8 9; do mi tag layer:1 "t$i:$j" || exit 1; done) & pids="$pids $!"; done
failed=0; for p in $pids; do wait "$p" || failed=1; done
check "72 names by eight processes: none is lost" "$failed$(mi images --format '{{.Repository}}' | grep -c '^t')" = 072
pids=""; for i in 1 2 3 4 5 6 7 8; do mi rmi $(for j in 1 2 3 4 5 6 7 8 9; do echo "t$i:$j"; done) >/dev/null & pids="$pids $!"; done
failed=0; for p in $pids; do wait "$p" || failed=1; done
check "and removed again" "$failed$(mi images --format '{{.Repository}}' | grep -c '^t')" = 00
check "the store is whole" "$(whole)" = ""

# --- loading and removing against each other, garbage collected all the time ---
(for i in 1 2 3 4 5; do mi load -q -i "$T/three.tar" >/dev/null || echo load failed; done) >"$T/a" 2>&1 & a=$!
(for i in 1 2 3 4 5 6 7 8 9; do mi rmi layer:2 >/dev/null 2>&1; mi image prune -f >/dev/null || echo prune failed; done) >"$T/b" 2>&1 & b=$!
(for i in 1 2 3; do tar -C "$T/l3" -c . | mi import - other:$i >/dev/null || echo import failed; done) >"$T/c" 2>&1 & c=$!
wait $a $b $c
check "nobody fails" "$(cat "$T/a" "$T/b" "$T/c")" = ""
check "the store is whole" "$(whole)" = ""

# --- killed at any moment ---
mi rmi layer:1 layer:2 layer:3 other:1 other:2 other:3 >/dev/null 2>&1
for d in 0.01 0.02 0.03 0.05 0.07 0.09 0.12 0.15 0.2; do
	mi load -q -i "$T/three.tar" >/dev/null 2>&1 & p=$!
	sleep $d; kill -9 $p 2>/dev/null; wait $p 2>/dev/null
	[ "$(whole)" = "" ] || not_ok "killed after $d s: the store is whole" "$(whole)"
done
ok "nine loads killed: the store stays whole"
exits 0 "and takes the next one" mi load -q -i "$T/three.tar"
check "with everything in it" "$(whole)$(mi images -q | wc -l)" = 3
mi rmi layer:1 layer:2 layer:3 >/dev/null
check "what the killed left is collected" "$(find "$S/blobs" "$S/ingest" -type f; ls "$MINICTR_ROOT/layers")" = ""

# --- containers hold what they use ---
busybox_rootfs "$T/bb"; tar -C "$T/bb" -c . | mi import -c 'CMD ["/bin/sh"]' - bb:1 >/dev/null
mc create --name keeps bb:1 /bin/cat /etc/passwd >/dev/null
mi rmi -f bb:1 >"$T/out"; mi image prune -af >/dev/null
check "rmi -f takes the name" "$(mi images -q)" = ""
check "the stopped container still starts" "$(mc start -a keeps 2>&1)" "~" "root:x:0:0"
mc rm keeps >/dev/null; mi image prune -f >/dev/null
check "after it is gone its layers go" "$(find "$S/blobs" -type f; ls "$MINICTR_ROOT/layers")" = ""
