#!/bin/bash
# Pull from a registry on the loopback device, image store emptied before each
# run (the page cache stays warm and nothing is flushed), and the raw
# cost of unpacking the same layers. MB=compressed size wanted, FILES=files.
. "$(dirname "$0")/common.sh"
N=${RUNS:-10}; BN=${BIGRUNS:-$N}
MB=${MB:-200}; FILES=${FILES:-20000}
machine
mk_rootfs "$T/rootfs"
mk_oci "$T/oci" bb "$T/rootfs"
# the large image: files below 2 MB of /usr/lib and /usr/share in a fixed
# pseudo-random order, dealt to 5 layers until there are FILES of them or enough bytes
find /usr/lib /usr/share -xdev -type f -size -2048k -size +0 -printf '%s %p\n' 2>/dev/null |
	LC_ALL=C sort -k2 | awk 'BEGIN{srand(7)} {print rand(), $0}' | LC_ALL=C sort -g |
	awk -v max=$((MB*2600000)) -v f="$FILES" -v t="$T/list" '{ if (n>=f || b+$2>max) next; b+=$2; n++; p=$0; sub(/^[^ ]+ [^ ]+ /,"",p); print p > (t (n%5)) }'
mkdir -p "$T/big" "$T/raw"
for i in 0 1 2 3 4; do tar -C / -c --mtime=@0 --owner=0 --group=0 --numeric-owner -T "$T/list$i" -f "$T/raw/$i.tar" 2>/dev/null; done
printf '%s\n' 0 1 2 3 4 | xargs -P2 -I{} sh -c "gzip -6 -n -c $T/raw/{}.tar >$T/raw/{}.gz; zstd -q -3 $T/raw/{}.tar -o $T/raw/{}.zst"
# an OCI layout by hand: the layers are used byte for byte
B=$T/big/blobs/sha256; mkdir -p "$B"; L=; D=
add() { local s; s=$(sha256sum <"$1" | cut -d' ' -f1); cp "$1" "$B/$s"; echo "$s $(stat -c %s "$1")"; }
for i in 0 1 2 3 4; do
	read -r s n < <(add "$T/raw/$i.gz")
	L="$L,{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:$s\",\"size\":$n}"
	D="$D,\"sha256:$(sha256sum <"$T/raw/$i.tar" | cut -d' ' -f1)\""
done
echo "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sh\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[${D#,}]}}" >"$T/c"
read -r s n < <(add "$T/c")
echo "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"sha256:$s\",\"size\":$n},\"layers\":[${L#,}]}" >"$T/m"
read -r s n < <(add "$T/m")
echo "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"sha256:$s\",\"size\":$n,\"annotations\":{\"org.opencontainers.image.ref.name\":\"big\"}}]}" >"$T/big/index.json"
echo '{"imageLayoutVersion":"1.0.0"}' >"$T/big/oci-layout"
cat "$T"/list? | wc -l | sed 's/^/# large image: files /'
echo "# large image: compressed $(cat "$T"/raw/*.gz | wc -c), zstd -3 $(cat "$T"/raw/*.zst | wc -c), uncompressed $(cat "$T"/raw/*.tar | wc -c) bytes; layers $(stat -c %s "$T"/raw/*.gz | tr '\n' ' ')"
start_registry
push_oci "$T/oci" bb bb:latest; push_oci "$T/big" big big:latest
R=127.0.0.1:$PORT
cat >"$T/clean" <<-'EOF'
	#!/bin/sh
	rm -rf "$1/out"; mkdir "$1/out"
EOF
cat >"$T/pclean" <<-'EOF'
	#!/bin/sh
	podman rmi -a -f; true
EOF
cat >"$T/dclean" <<-EOF
	#!/bin/sh
	$DOCKER rmi -f $R/bb $R/big; true
EOF
cat >"$T/unpack" <<-'EOF'
	#!/bin/sh
	# unpack DIR JOBS EXT DECOMPRESSOR...
	d=$1; j=$2; e=$3; shift 3
	printf '%s\n' 0 1 2 3 4 | xargs -P"$j" -I{} sh -c "mkdir $d/out/{} && $* $d/raw/{}.$e | tar -x -C $d/out/{} -f -"
EOF
cat >"$T/mclean" <<-EOF
	#!/bin/sh
	$BIN/minictr rmi -f $R/bb $R/big; $BIN/minictr image prune -af; true
EOF
chmod +x "$T"/{clean,pclean,dclean,mclean,unpack}
[ -z "${SKIPSMALL:-}" ] && head_line "pull busybox ($(stat -c %s "$T"/oci/blobs/sha256/* | sort -n | tail -1) bytes)"
[ -z "${SKIPSMALL:-}" ] && {
	hf "skopeo copy to oci:" "$N" "skopeo copy -q --src-tls-verify=false docker://$R/bb oci:$T/out/o:x" "$T/clean $T"
	hf "skopeo copy to dir:" "$N" "skopeo copy -q --src-tls-verify=false docker://$R/bb dir:$T/out/o" "$T/clean $T"
}
skip podman || setup_podman
skip docker || start_dockerd
[ -z "${SKIPSMALL:-}" ] && {
	hf "minictr pull" "$N" "$BIN/minictr pull -q $R/bb" "$T/mclean $T"
	skip podman || hf "podman pull" "$N" "podman pull -q --tls-verify=false $R/bb" "$T/pclean $T"
	skip docker || hf "docker pull" "$N" "$DOCKER pull -q $R/bb" "$T/dclean $T"
}
WARM=1
if [ -z "${ONLYRAW:-}" ]; then
head_line "pull large image"
hf "skopeo copy to oci: (no unpacking)" "$BN" "skopeo copy -q --src-tls-verify=false docker://$R/big oci:$T/out/o:x" "$T/clean $T"
hf "skopeo copy to dir: (no unpacking)" "$BN" "skopeo copy -q --src-tls-verify=false docker://$R/big dir:$T/out/o" "$T/clean $T"
hf "minictr pull" "$BN" "$BIN/minictr pull -q $R/big" "$T/mclean $T"
skip podman || hf "podman pull" "$BN" "podman pull -q --tls-verify=false $R/big" "$T/pclean $T"
skip docker || hf "docker pull" "$BN" "$DOCKER pull -q $R/big" "$T/dclean $T"
skip podman || "$T/pclean" "$T" >/dev/null 2>&1; skip docker || "$T/dclean" "$T" >/dev/null 2>&1
fi
[ -n "${NORAW:-}" ] && exit
head_line "raw limits, the same 5 layers"
one() { hf "$1" "$RN" "$T/unpack $T $2 $3 $4" "$T/clean $T"; }
RN=${RAWRUNS:-3}
if [ -z "${NODISK:-}" ]; then
one "disk: gzip -dc | tar x, serial" 1 gz "gzip -dc"
one "disk: gzip -dc | tar x, 2 at a time" 2 gz "gzip -dc"
one "disk: cat | tar x, 2 at a time" 2 tar cat
fi
rm -rf "$T/out"; mkdir -p "$T/out"; mount -t tmpfs -o size=80% out "$T/out"
printf '#!/bin/sh\nrm -rf %s/out/*\n' "$T" >"$T/clean"
RN=$N
one "tmpfs: gzip -dc | tar x, serial" 1 gz "gzip -dc"
one "tmpfs: gzip -dc | tar x, 2 at a time" 2 gz "gzip -dc"
[ -n "$(command -v igzip)" ] && one "tmpfs: igzip -dc | tar x, serial" 1 gz "igzip -dc" && one "tmpfs: igzip -dc | tar x, 2 at a time" 2 gz "igzip -dc"
one "tmpfs: zstd -dc | tar x, serial" 1 zst "zstd -qdc"
one "tmpfs: zstd -dc | tar x, 2 at a time" 2 zst "zstd -qdc"
one "tmpfs: cat | tar x, serial" 1 tar cat
one "tmpfs: cat | tar x, 2 at a time" 2 tar cat
umount "$T/out"
p2() { hf "$1" "$N" "xargs -a $T/five -P$2 -I{} sh -c '$3'"; }
printf '%s\n' 0 1 2 3 4 >"$T/five"
p2 "gzip -dc >/dev/null, serial" 1 "gzip -dc $T/raw/{}.gz >/dev/null"
[ -n "$(command -v igzip)" ] && p2 "igzip -dc >/dev/null, serial" 1 "igzip -dc $T/raw/{}.gz >/dev/null"
[ -n "$(command -v libdeflate-gzip)" ] && p2 "libdeflate-gzip -dc >/dev/null, serial" 1 "libdeflate-gzip -dc $T/raw/{}.gz >/dev/null"
p2 "zstd -dc >/dev/null, serial" 1 "zstd -qdc $T/raw/{}.zst >/dev/null"
p2 "sha256sum of the blobs (openssl), serial" 1 "openssl dgst -sha256 $T/raw/{}.gz"
p2 "sha256sum of the tars (openssl), serial" 1 "openssl dgst -sha256 $T/raw/{}.tar"
p2 "curl of the blobs to /dev/null, serial" 1 "curl -s -o /dev/null $R/v2/big/blobs/sha256:\$(sha256sum <$T/raw/{}.gz | cut -d\" \" -f1)"
