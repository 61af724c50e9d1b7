#!/bin/sh
# 36-image-odd.sh - images that are odd and legal, field by field of the image-spec, and archives that must be refused whole.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 busybox || skip_all "needs python3 and busybox"
python3 "$HERE/tests/hostile/odd_images.py" "$T/a" || exit 1
plan $(($(ls "$T/a" | grep -vc '\.why$') + 14))
for f in "$T"/a/ok-*.tar; do
	name=$(basename "$f" .tar); name=${name#ok-}
	if ! timeout 20 "$BIN/minictr" load -q -i "$f" >"$T/out" 2>&1; then not_ok "$name loads" "$(cat "$T/out")"; continue; fi
	# docker's client warns of what these three do not say, and runs them.
	case $name in empty-platform | no-os) of=unknown ;; no-architecture) of=linux ;; *) of= ;; esac
	out=$(timeout 20 "$BIN/minictr" run --rm --network none "$name:1" 2>&1)
	check "$name runs" "$(echo "$out" | sed 's/^WARNING: .* platform (\([^)]*\)) does not match .*/\1/' | tr '\n' ' ')" = "${of:+$of }$name "
done
# What is refused leaves no name; a file of terabytes is never begun. ulimit: else a wrong one would fill the disk.
before=$(mc images -q --no-trunc -a | sort)
for f in "$T"/a/no-*.tar*; do
	name=$(basename "$f"); name=${name%%.tar*}
	(ulimit -f 2000000; timeout 20 "$BIN/minictr" load -q -i "$f") >"$T/out" 2>&1; rc=$?
	if [ $rc = 1 ] && grep -Eq -- "$(cat "$T/a/$name.why")" "$T/out"; then ok "${name#no-} is refused: $(head -1 "$T/out" | sed "s,$T/a/,," | cut -c1-140)"
	else not_ok "$name is refused" "status $rc" "$(head -3 "$T/out")"; fi
done
check "no refused archive left a name" "$(mc images -q --no-trunc -a | sort)" = "$before"

python3 - "$T" <<'P'
import json, sys, tarfile, io, hashlib
T = sys.argv[1]
src = tarfile.open(T + "/a/ok-null-user.tar"); files = {m.name: src.extractfile(m).read() for m in src.getmembers()}
index = json.loads(files["index.json"]); m = json.loads(files["blobs/sha256/" + index["manifests"][0]["digest"][7:]])
c = json.loads(files["blobs/sha256/" + m["config"]["digest"][7:]])
def put(o):
    b = json.dumps(o).encode(); h = hashlib.sha256(b).hexdigest(); files["blobs/sha256/" + h] = b; return {"digest": "sha256:" + h, "size": len(b)}
for name, more in (("unsure", {"Healthcheck": {"Test": ["ODD", "true"]}}),):
    c2 = json.loads(json.dumps(c)); c2["config"].update(more)
    m2 = dict(m); m2["config"] = {**m["config"], **put(c2)}
    index["manifests"].append({"mediaType": m["mediaType"], **put(m2), "annotations": {"org.opencontainers.image.ref.name": name + ":1"}})
files["index.json"] = json.dumps(index).encode()
with tarfile.open(T + "/words.tar", "w") as t:
    for n, b in files.items():
        i = tarfile.TarInfo(n); i.size = len(b); t.addfile(i, io.BytesIO(b))
P
mc load -q -i "$T/words.tar" >/dev/null
check "a health check of an unknown kind is none, with a word" "$(mc run --rm --network none unsure:1 2>&1 | tr '\n' ' ')" "~" 'WARNING: the image.s health check begins with "ODD".*null-user'

# --- --platform ---
arch=$(uname -m); case $arch in x86_64) arch=amd64 other=arm64 ;; *) arch=arm64 other=amd64 ;; esac
python3 - "$T" "$other" <<'P'
import json, sys, tarfile, io, hashlib
T, other = sys.argv[1:]
src = tarfile.open(T + "/a/ok-null-user.tar"); files = {m.name: src.extractfile(m).read() for m in src.getmembers()}
index = json.loads(files["index.json"]); m = json.loads(files["blobs/sha256/" + index["manifests"][0]["digest"][7:]])
c = json.loads(files["blobs/sha256/" + m["config"]["digest"][7:]]); c["architecture"] = other
def put(o):
    b = json.dumps(o).encode(); h = hashlib.sha256(b).hexdigest(); files["blobs/sha256/" + h] = b; return {"digest": "sha256:" + h, "size": len(b)}
m["config"].update(put(c))
index["manifests"].append({"mediaType": m["mediaType"], **put(m), "annotations": {"org.opencontainers.image.ref.name": "foreign:1"}})
files["index.json"] = json.dumps(index).encode()
with tarfile.open(T + "/two.tar", "w") as t:
    for n, b in files.items():
        i = tarfile.TarInfo(n); i.size = len(b); t.addfile(i, io.BytesIO(b))
P
check "of images listed directly --platform takes the right one" "$(mc load --platform "linux/$other" -i "$T/two.tar")" = "Loaded image: foreign:1"
check "without it both are loaded" "$(mc load -i "$T/two.tar" | wc -l)" = 2
check "one for another machine is run with docker's warning" "$(mc create --network none foreign:1 2>&1 >/dev/null)" = "WARNING: The requested image's platform (linux/$other) does not match the detected host platform (linux/$arch$([ $arch = amd64 ] || echo /v8)) and no specific platform was requested"
check "... not with --platform" "$(mc create --platform "linux/$other" --network none foreign:1 2>&1 >/dev/null)" = ""
exits 1 "a platform that is not in it" mc load --platform linux/s390x -i "$T/two.tar"
check "is named" "$(cat "$T/err")" "~" "no image for linux/s390x"
exits 1 "a platform that is none" mc load --platform a/b/c/d -i "$T/two.tar"
check "the damaged store is none: every blob is what its name says" "$(cd "$MINICTR_ROOT/images/blobs/sha256" && sha256sum * | awk '$1 != $2')" = ""

# --- what killed and failed ones leave ---
mkdir -p "$MINICTR_ROOT/layers/tmp-dead/fs"; : >"$MINICTR_ROOT/images/ingest/0123456789abcdef01234567"
mc load -q -i "$T/two.tar" >/dev/null
check "the next load takes away what a killed one left" "$(ls "$MINICTR_ROOT/layers" "$MINICTR_ROOT/images/ingest" | grep -c -e tmp- -e 0123456789abcdef0123)" = 0
mkdir "$T/small"; mount -t tmpfs -o size=3m tmpfs "$T/small"; cleanup() { umount -l "$T/small" 2>/dev/null; }
MINICTR_ROOT=$T/small exits 1 "a load on a disk that is too small" "$BIN/minictr" load -i "$T/two.tar"
check "says so" "$(cat "$T/err")" "~" "No space left"
check "and leaves it empty" "$(find "$T/small/images/blobs" "$T/small/images/ingest" "$T/small/layers" -type f | wc -l)" = 0
