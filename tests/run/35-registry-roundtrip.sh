#!/bin/sh
# An image made by Debian's tools goes round: docker-archive, minictr, docker-registry, podman, our registry, skopeo, minictr.
# At the end every byte is what it was. Beside it: the same image between two engines of ours, and docker's own engine.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
mkdir -p "$DOCKER_CONFIG" && echo "{}" >"$DOCKER_CONFIG/config.json" # podman wants it to exist
needs docker-registry skopeo podman busybox python3 || skip_all "docker-registry, skopeo, podman or busybox is not installed (make peers)"
plan 15
pod() { podman --root "$T/pod" --runroot "$T/podrun" --storage-driver vfs --log-level error "$@" 2>>"$T/pod.log"; }
cleanup() { podman --root "$T/pod" --runroot "$T/podrun" --storage-driver vfs rmi -fa >/dev/null 2>&1; }
blobs() { (cd "$1/blobs/sha256" && ls); }

# a root file system with what is easily lost: links, modes, owners, times, long names
busybox_rootfs "$T/fs"
ln "$T/fs/bin/busybox" "$T/fs/bin/hard"; chmod 4755 "$T/fs/bin/hard"; chown -R 123:456 "$T/fs/root"
mkdir -p "$T/fs/$(printf 'd%.0s' $(seq 120))"; touch -d @1 "$T/fs/etc/passwd"; mkfifo "$T/fs/tmp/fifo"; chmod 1777 "$T/fs/tmp"
tar -C "$T/fs" --sort=name --mtime=@1000 -c . >"$T/fs.tar"
pod import --change CMD=/bin/sh "$T/fs.tar" made:1 >/dev/null
pod save --format docker-archive -o "$T/made.tar" made:1 || true
check "podman made a docker-archive" "$(tar -tf "$T/made.tar" | grep -c manifest.json)" = 1

# 1. docker-archive -> minictr
load=$("$BIN/minictr-image" load -i "$T/made.tar" 2>&1) || skip_all "minictr load is not there yet: $load"
check "minictr loads it" "$load" "~" "made:1"
name=$(python3 -c 'import json,sys; print([m["annotations"]["org.opencontainers.image.ref.name"] for m in json.load(open(sys.argv[1]))["manifests"] if "made" in m["annotations"].get("org.opencontainers.image.ref.name","")][0])' "$MINICTR_ROOT/images/index.json")

# 2. -> docker-registry
debian_registry reg; H=127.0.0.1:$PORT
exits 0 "minictr gives it a name there" mi tag "$name" "$H/trip/made:1"
exits 0 "minictr pushes it to docker-registry" mi push "$H/trip/made:1"
D=$(sed -n 's/.*digest: \(sha256:[0-9a-f]*\).*/\1/p' "$T/out")
[ -n "$D" ] || D=none
check "the registry names the same digest" "$(digest_at "$H/trip/made:1")" = "$D"

# 3. -> podman
pod rmi -f made:1 >/dev/null # it would be the same image under an older digest
pod pull -q --tls-verify=false "$H/trip/made:1" >"$T/out"
check "podman pulls it, same digest" "$(pod image inspect --format '{{.Digest}}' "$H/trip/made:1")" = "$D"

# 4. -> our registry
our_registry "$T/served"; O=127.0.0.1:$PORT
pod push -q --tls-verify=false "$H/trip/made:1" "docker://$O/trip/made:1" >"$T/out" 2>&1
check "podman pushes to ours" "$(curl -s "http://$O/v2/trip/made/tags/list")" = '{"name":"trip/made","tags":["1"]}'
check "the layers' content is the same" "$(skopeo inspect --tls-verify=false --config "docker://$O/trip/made:1" | python3 -c 'import json,sys; print(json.load(sys.stdin)["rootfs"])')" = "$(skopeo inspect --tls-verify=false --config "docker://$H/trip/made:1" | python3 -c 'import json,sys; print(json.load(sys.stdin)["rootfs"])')"
# podman compresses anew what it stores unpacked; skopeo carries bytes. So the bytes go by skopeo:
skopeo copy -q --preserve-digests --src-tls-verify=false --dest-tls-verify=false "docker://$H/trip/made:1" "docker://$O/trip/same:1"
check "skopeo carries it over, same digest" "$(digest_at "$O/trip/same:1")" = "$D"

# 5. -> skopeo -> minictr
skopeo copy -q --preserve-digests --src-tls-verify=false "docker://$O/trip/same:1" "oci:$T/back:x"
export MINICTR_ROOT="$T/second"
exits 0 "a second engine pulls it from ours" mi pull "$O/trip/same:1"
check "with the digest of the beginning" "$(grep ^Digest "$T/out")" = "Digest: $D"
check "every blob byte-identical to the first engine's" "$(for b in $(blobs "$T/second/images"); do cmp "$T/root/images/blobs/sha256/$b" "$T/second/images/blobs/sha256/$b" || echo "$b"; done; bad_blobs "$T/second")" = ""
check "and to skopeo's copy" "$(blobs "$T/back")" = "$(blobs "$T/second/images")"
L=$(ls -d "$T"/second/layers/*/fs)
check "unpacked it is the tree it was" "$(cd "$T/fs" && find . -printf '%P %y %m %U %G %n %l\n' | sort | sha256sum)" = "$(cd "$L" && find . -printf '%P %y %m %U %G %n %l\n' | sort | sha256sum)"
check "the program in it runs" "$(chroot "$L" /bin/busybox echo round)" = round
