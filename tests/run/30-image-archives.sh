#!/bin/sh
# 30-image-archives.sh - import, save, load, and the store as skopeo, umoci and podman see it.
. "$(dirname "$0")/lib.sh"
need_root
needs skopeo umoci python3 busybox zstd xz || skip_all "needs skopeo, umoci, python3, busybox, zstd, xz"
mi() { "$BIN/minictr-image" "$@"; }
S=$MINICTR_ROOT/images
jq_() { python3 -c 'import json,sys; d=json.load(sys.stdin)
for k in sys.argv[1].split("."): d = d[int(k)] if isinstance(d, list) else d[k]
print(d if isinstance(d, str) else json.dumps(d, sort_keys=True))' "$1"; }
manifest_of() { skopeo inspect --raw "oci:$S:$1" | sha256sum | cut -d' ' -f1; }
plan 48

# --- import ---
busybox_rootfs "$T/bb"
tar -C "$T/bb" -cf "$T/bb.tar" .
id=$(mi import -c 'CMD ["sh","-c"]' -c 'ENV A=b C="d e"' -c 'EXPOSE 80' -c 'LABEL l=1' -c 'USER 7' -c 'WORKDIR /root' -m hi "$T/bb.tar" bb:1)
check "import prints the id" "$id" "~" '^sha256:[0-9a-f]{64}$'
config=$(skopeo inspect --config "oci:$S:docker.io/library/bb:1")
check "skopeo reads the configuration" "$(echo "$config" | jq_ config)" = '{"Cmd": ["sh", "-c"], "Env": ["A=b", "C=d e"], "ExposedPorts": {"80/tcp": {}}, "Labels": {"l": "1"}, "User": "7", "WorkingDir": "/root"}'
check "id is the configuration's digest" "sha256:$(sha256sum <"$S/blobs/sha256/${id#sha256:}" | cut -d' ' -f1)" = "$id"
check "history has the message" "$(mi history --format '{{.Comment}}' bb:1)" = hi
check "the layer is the archive itself" "$(sha256sum <"$T/bb.tar" | cut -d' ' -f1)" = "$(ls "$MINICTR_ROOT/layers")"
for c in gzip zstd xz bzip2; do
	case $c in zstd) $c -q -c "$T/bb.tar" ;; *) $c -c "$T/bb.tar" ;; esac >"$T/bb.$c"
	mi import - "bb:$c" <"$T/bb.$c" >/dev/null
	check "import of $c has the same diff id" "$(skopeo inspect --config "oci:$S:docker.io/library/bb:$c" | jq_ rootfs.diff_ids.0)" = "$(echo "$config" | jq_ rootfs.diff_ids.0)"
done
check "gzip is kept byte by byte" "$(skopeo inspect --raw "oci:$S:docker.io/library/bb:gzip" | jq_ layers.0.digest)" = "sha256:$(sha256sum <"$T/bb.gzip" | cut -d' ' -f1)"
exits 1 "a wrong -c is refused" mi import -c 'RUN x' "$T/bb.tar"
check "... and says what is allowed" "$(cat "$T/err")" "~" 'CMD ENTRYPOINT ENV'
exits 1 "an empty archive is refused" mi import /dev/null
exits 1 "a bad name is refused before reading" mi import "$T/nothing" BAD

# --- names ---
mi tag bb:1 localhost:5000/x/y:2
check "tag" "$(mi images -q localhost:5000/x/y)" = "$(mi images -q bb:1)"
check "images by repository" "$(mi images --format '{{.Repository}}:{{.Tag}}' bb | sort | tr '\n' ' ')" = "bb:1 bb:bzip2 bb:gzip bb:xz bb:zstd "
mi import -m second "$T/bb.tar" bb:1 >/dev/null
check "the old holder of a name is <none>" "$(mi images --format '{{.Repository}}:{{.Tag}} {{.ID}}' | grep -c '^<none>:<none>')" = 0
check "... or keeps its other name" "$(mi images -q --no-trunc localhost:5000/x/y:2)" = "$id"
check "filter dangling" "$(mi images -q --filter dangling=true | wc -l)" = 0
check "filter reference" "$(mi images -q --filter 'reference=localhost:5000/*/y' | wc -l)" = 1
check "filter label" "$(mi images --format '{{.Tag}}' --filter label=l=1)" = 2
exits 1 "unknown filter" mi images --filter colour=red

# --- save, seen by others ---
mi save -o "$T/two.tar" bb:1 bb:gzip
check "skopeo reads it as docker-archive" "$(skopeo inspect "docker-archive:$T/two.tar:bb:gzip" | jq_ Layers.0)" "~" sha256
check "the system's tar reads it" "$(tar -xOf "$T/two.tar" manifest.json | jq_ 0.RepoTags.0)" = bb:1
mi save bb:1 >"$T/one.tar"
check "skopeo reads it as OCI archive" "$(skopeo inspect --raw "oci-archive:$T/one.tar" | sha256sum | cut -d' ' -f1)" = "$(manifest_of docker.io/library/bb:1)"
mi save bb:1 | cmp -s - "$T/one.tar" && ok "the same images give the same archive" || not_ok "the same images give the same archive"
if needs podman; then
	podman --root "$T/podman" --runroot "$T/podrun" --storage-driver vfs load -q -i "$T/two.tar" >"$T/out" 2>"$T/err"
	check "podman loads both" "$(podman --root "$T/podman" --runroot "$T/podrun" --storage-driver vfs images -q | wc -l)" = 2
	podman --root "$T/podman" --runroot "$T/podrun" --storage-driver vfs tag "$(mi images -q bb:gzip)" docker.io/library/bb:9 2>/dev/null
	podman --root "$T/podman" --runroot "$T/podrun" --storage-driver vfs save -q --format docker-archive -o "$T/podman.tar" docker.io/library/bb:9 2>"$T/err"
	MINICTR_ROOT=$T/r2 mi load -i "$T/podman.tar" >"$T/out" 2>&1
	check "podman's docker-archive comes back under its name" "$(tail -1 "$T/out")" = "Loaded image: bb:9"
	podman --root "$T/podman" --runroot "$T/podrun" --storage-driver vfs save -q --format oci-archive -o "$T/podman-oci.tar" docker.io/library/bb:9 2>"$T/err"
	MINICTR_ROOT=$T/r3 mi load -i "$T/podman-oci.tar" >"$T/out" 2>&1
	check "podman's OCI archive too" "$(cat "$T/out")" = "Loaded image: bb:9"
	podman --root "$T/podman" --runroot "$T/podrun" --storage-driver vfs rmi -af >/dev/null 2>&1
else for i in 1 2 3; do skip "podman" "podman is not installed"; done; fi
skopeo copy -q "oci:$S:docker.io/library/bb:1" "docker-archive:$T/sk.tar:sk/x:9" 2>"$T/err"
MINICTR_ROOT=$T/r4 mi load -q <"$T/sk.tar" >"$T/out" 2>&1
check "skopeo's docker-archive" "$(cat "$T/out")" = "Loaded image: sk/x:9"
gzip -c "$T/one.tar" | MINICTR_ROOT=$T/r5 mi load >"$T/out" 2>&1
check "a compressed archive through a pipe" "$(cat "$T/out")" = "Loaded image: bb:1"
check "manifest digest survives save and load" "$(skopeo inspect --raw "oci:$T/r5/images:docker.io/library/bb:1" | sha256sum | cut -d' ' -f1)" = "$(manifest_of docker.io/library/bb:1)"
exits 1 "a root file system is no image" mi load -i "$T/bb.tar"
check "... and the error says what to do" "$(cat "$T/err")" "~" "minictr import"
python3 - "$T" <<'P'
import sys, tarfile, io
T = sys.argv[1]
src = tarfile.open(T + "/one.tar"); dst = tarfile.open(T + "/bad.tar", "w")
for m in src:
    data = src.extractfile(m).read() if m.isfile() else b""
    if m.isfile() and m.size > 100000: data = data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]
    dst.addfile(m, io.BytesIO(data))
dst.close()
P
MINICTR_ROOT=$T/r6 "$BIN/minictr-image" load -i "$T/bad.tar" >"$T/out" 2>"$T/err"
check "one flipped byte in a layer is refused" "$?$(MINICTR_ROOT=$T/r6 "$BIN/minictr-image" images -q)" = 1
check "... with the reason" "$(cat "$T/err")" "~" "promised"

# --- layers: an image of umoci with changes, deletions and a replaced directory ---
umoci init --layout "$T/u" && umoci new --image "$T/u:v1" >/dev/null 2>&1
umoci unpack --image "$T/u:v1" "$T/b" >/dev/null 2>&1
mkdir -p "$T/b/rootfs/keep/a" "$T/b/rootfs/swap/old" "$T/b/rootfs/gone"; echo 1 >"$T/b/rootfs/keep/a/f"; echo 1 >"$T/b/rootfs/gone/f"; echo 1 >"$T/b/rootfs/swap/old/f"; ln "$T/b/rootfs/keep/a/f" "$T/b/rootfs/keep/hard"
umoci repack --refresh-bundle --image "$T/u:v1" "$T/b" >/dev/null 2>&1
rm -rf "$T/b/rootfs/gone" "$T/b/rootfs/swap"; mkdir -m 711 "$T/b/rootfs/swap"; echo 2 >"$T/b/rootfs/swap/new"; echo 2 >"$T/b/rootfs/keep/a/f2"; chown 3:4 "$T/b/rootfs/keep/a/f2"
umoci repack --refresh-bundle --image "$T/u:v1" "$T/b" >/dev/null 2>&1
skopeo copy -q "oci:$T/u:v1" "oci:$S:umo:1" 2>"$T/err"
check "what skopeo writes into the store is there" "$(mi images --format '{{.Repository}}:{{.Tag}}' umo)" = umo:1
exits 0 "... and can be unpacked" mi image unpack umo:1
cat >"$T/tree.py" <<'P'
import os, sys
for d, ds, fs in os.walk(sys.argv[1]):
    for n in sorted(ds + fs):
        p = os.path.join(d, n); s = os.lstat(p)
        print(os.path.relpath(p, sys.argv[1]), oct(s.st_mode), s.st_uid, s.st_gid, 0 if os.path.isdir(p) else s.st_mtime_ns, open(p).read() if os.path.isfile(p) and s.st_size < 100 else "")
P
lower=$(skopeo inspect --config "oci:$S:umo:1" | python3 -c 'import json,sys; print(":".join(sys.argv[1]+"/layers/"+d[7:]+"/fs" for d in reversed(json.load(sys.stdin)["rootfs"]["diff_ids"])))' "$MINICTR_ROOT")
mkdir -p "$T/m"
unshare -m sh -c "mount -t overlay overlay -o lowerdir=$lower '$T/m' && python3 '$T/tree.py' '$T/m'" | sort >"$T/ours"
umoci unpack --image "$T/u:v1" "$T/b2" >/dev/null 2>&1; python3 "$T/tree.py" "$T/b2/rootfs" | sort >"$T/theirs"
check "two layers with deletions show umoci's tree" "$(diff "$T/ours" "$T/theirs" | head -5)" = ""
check "... which is not empty" "$(wc -l <"$T/ours")" -gt 5
check "umoci lists the store's names" "$(umoci ls --layout "$S" 2>&1)" "~" "bb:1"

# --- rmi, prune, garbage ---
mi rmi bb:1 bb:gzip bb:zstd bb:xz bb:bzip2 >"$T/out"
check "rmi says what it did" "$(grep -c '^Untagged' "$T/out")$(grep -c '^Deleted' "$T/out")" = 55
check "layers in use stay" "$(ls "$MINICTR_ROOT/layers" | grep -c "$(sha256sum <"$T/bb.tar" | cut -d' ' -f1)")" = 1
exits 1 "rmi of nothing" mi rmi nosuch:1
check "... in docker's words" "$(cat "$T/err")" "~" "No such image: nosuch:1"
mi rmi umo:1 localhost:5000/x/y:2 >/dev/null
check "the last rmi leaves an empty store" "$(find "$S/blobs" "$S/ingest" -type f; ls "$MINICTR_ROOT/layers")" = ""
mi import "$T/bb.tar" >/dev/null
check "an image without a name is dangling" "$(mi images -q --filter dangling=true | wc -l)" = 1
mi image prune -f >/dev/null
check "prune takes it" "$(mi images -q; find "$S/blobs" -type f)" = ""
