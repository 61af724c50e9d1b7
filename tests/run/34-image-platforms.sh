#!/bin/sh
# 34-image-platforms.sh - one name for several platforms, artifacts, and a store whose layers are not unpacked.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 || skip_all "needs python3"
mi() { timeout 20 "$BIN/minictr-image" "$@"; }
case $(uname -m) in x86_64) mine=amd64 ;; aarch64) mine=arm64 ;; s390x) mine=s390x ;; *) skip_all "no image for this machine" ;; esac
other=arm64; [ $mine = arm64 ] && other=amd64
plan 12
for w in multi artifact; do python3 "$HERE/tests/hostile/make_layout.py" "$T/$w" $w; tar -C "$T/$w" -cf "$T/$w.tar" .; done
arch() { cat "$MINICTR_ROOT"/layers/*/fs/arch; }

check "load takes this machine's" "$(mi load -i "$T/multi.tar")" = "Loaded image: multi:1"
check "... and unpacks only that" "$(arch)" = $mine
mi rmi multi:1 >/dev/null
mi load -q --platform linux/$other -i "$T/multi.tar" >/dev/null
check "--platform takes another" "$(arch)" = $other
mi rmi multi:1 >/dev/null
check "rmi takes all of it" "$(find "$MINICTR_ROOT/images/blobs" -type f)" = ""
exits 1 "a platform that is not there" mi load --platform linux/riscv64 -i "$T/multi.tar"
check "... is named" "$(cat "$T/err")" "~" "no image for linux/riscv64"
exits 1 "an artifact is no image" mi load -i "$T/artifact.tar"
check "... and the error says what it is" "$(cat "$T/err")" "~" "artifact of type application/vnd.example.sbom"
mi image prune -f >/dev/null
if needs skopeo; then
	skopeo copy -q --all "oci:$T/multi:multi:1" "oci:$MINICTR_ROOT/images:all:1"
	check "an index that skopeo put into the store is an image" "$(mi images --format '{{.Repository}}:{{.Tag}}')" = all:1
	mi image unpack all:1
	check "... of this machine's platform" "$(arch)" = $mine
	mi image prune -f >/dev/null
	check "garbage collection keeps its other platforms" "$(find "$MINICTR_ROOT/images/blobs" -type f | wc -l)" = 10
	mi rmi all:1 >/dev/null
	check "rmi of it ends" "$(find "$MINICTR_ROOT/images/blobs" -type f)" = ""
else for i in 1 2 3 4; do skip "skopeo" "not installed"; done; fi
