#!/bin/sh
# pull from Debian's docker-registry: plain output, nothing twice, every kind of layer, platforms, two at once, killed pulls.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
needs docker-registry skopeo python3 || skip_all "docker-registry or skopeo is not installed (make peers)"
plan 39
debian_registry reg
H=127.0.0.1:$PORT

layout "$T/a" 4 500; A=$DIGEST; send "$T/a" "$H/lib/a:1"
exits 0 "an image is pulled" mi pull "$H/lib/a:1"
check "first line: what is pulled from where" "$(head -1 "$T/out")" = "1: Pulling from lib/a"
check "every layer is announced" "$(grep -c ': Pulling fs layer$' "$T/out")" = 4
check "every layer is completed" "$(grep -c ': Pull complete$' "$T/out")" = 4
check "the digest is the pushed one" "$(grep ^Digest "$T/out")" = "Digest: $A"
check "status" "$(tail -2 "$T/out" | head -1)" = "Status: Downloaded newer image for $H/lib/a:1"
check "last line: the full name" "$(tail -1 "$T/out")" = "$H/lib/a:1"
check "nothing on stderr" "$(cat "$T/err")" = ""
check "the blobs are the registry's, byte for byte" "$(cd "$T/a/blobs/sha256" && ls)" = "$(cd "$MINICTR_ROOT/images/blobs/sha256" && ls)"
check "and hash to their names" "$(bad_blobs "$MINICTR_ROOT")" = ""
check "four layers are unpacked" "$(ls -d "$MINICTR_ROOT"/layers/*/fs/file* | wc -l)" -eq 4
check "no half-downloaded file stays" "$(ls "$MINICTR_ROOT/images/ingest" 2>/dev/null)" = ""
exits 0 "again" mi pull "$H/lib/a:1"
check "it is up to date" "$(tail -2 "$T/out" | head -1)" = "Status: Image is up to date for $H/lib/a:1"
check "and no layer is mentioned" "$(cat "$T/out")" !~ "layer|complete|exists"
check "-q prints the name only" "$(mi pull -q "$H/lib/a:1" 2>&1)" = "$H/lib/a:1"
exits 0 "by digest" mi pull "$H/lib/a@$A"
skopeo inspect "oci:$MINICTR_ROOT/images:$H/lib/a:1" >"$T/inspect" 2>&1
check "skopeo reads the store" "$(grep -c "\"Digest\": \"$A\"" "$T/inspect")" = 1

# a tag that moves
layout "$T/b" 1 20; send "$T/b" "$H/lib/a:1"
mi pull "$H/lib/a:1" >"$T/out" 2>&1
check "a moved tag is followed" "$(grep ^Digest "$T/out")" = "Digest: $DIGEST"

# kinds of layers and manifests
for kind in zstd none docker2; do
	layout "$T/$kind" 2 50 $kind
	# an OCI layout with docker's media types is nothing skopeo would read
	[ $kind = docker2 ] && fault_registry "$T/$kind" count && HERE_=127.0.0.1:$PORT || { HERE_=$H; send "$T/$kind" "$H/kind/$kind" --preserve-digests; }
	exits 0 "$kind layers" mi pull "$HERE_/kind/$kind"
	check "$kind: same digest" "$(grep ^Digest "$T/out")" = "Digest: $DIGEST"
done

# platforms
layout "$T/i" 1 10 index; send "$T/i" "$H/multi" --all --preserve-digests
mi pull -q "$H/multi" >/dev/null 2>"$T/err"
here=$(uname -m | sed 's/x86_64/amd64/;s/aarch64/arm64/')
check "of an index this machine's image is chosen" "$(skopeo inspect --config "oci:$MINICTR_ROOT/images:$H/multi:latest" | grep -o "ARCH=[a-z0-9]*")" = "ARCH=$here"
mi pull -q --platform linux/s390x "$H/multi" >/dev/null 2>"$T/err"
check "or the one asked for" "$(skopeo inspect --override-arch s390x --config "oci:$MINICTR_ROOT/images:$H/multi:latest" | grep -o "ARCH=[a-z0-9]*")" = "ARCH=s390x"
exits 1 "a platform that is not there" mi pull --platform linux/riscv64 "$H/multi"
check "tells what is" "$(cat "$T/err")" "~" "no matching manifest for linux/riscv64.*"

# all tags
for t in 1 2 3; do send "$T/b" "$H/tags/x:$t"; done
exits 0 "-a pulls every tag" mi pull -a "$H/tags/x"
check "one after the other" "$(grep -c '^Status: Downloaded newer image' "$T/out") $(grep -c "^$H/tags/x:[123]$" "$T/out")" = "3 3"
check "-a and a tag do not go together" "$(mi pull -a "$H/tags/x:1" 2>&1)" "~" "tag can't be used with --all-tags"

# the light executable hands on; on a terminal lines are drawn in place
fresh; check "minictr pull is the same verb" "$(mc pull -q "$H/lib/a:1" 2>&1)" = "$H/lib/a:1"
if needs script; then
	fresh; TERM=xterm script -qec "$BIN/minictr-image pull $H/lib/a:1" /dev/null </dev/null >"$T/tty" 2>&1
	check "a terminal sees lines redrawn" "$(grep -c "$(printf '\033')\[1A" "$T/tty") $(tr -d '\r' <"$T/tty" | tail -1)" "~" "^[1-9][0-9]* $H/lib/a:1$"
else skip "a terminal sees lines redrawn" "script(1) is not installed"; fi

# unknown names
exits 1 "an unknown tag" mi pull "$H/lib/a:nope"
check "in docker's words" "$(cat "$T/err")" "~" "manifest for $H/lib/a:nope not found: manifest unknown"

layout "$T/kind" 1 10 badkind; send "$T/kind" "$H/kind:1"
exits 1 "a configuration whose fields are of the wrong kind" mi pull "$H/kind:1"
check "is named, and leaves no name" "$(cat "$T/err")$(mi images -q "$H/kind")" "~" "config.Env: expected an array, got an integer 5$"

# two pulls of overlapping images at once do each layer once; a killed one is gone on with
fresh
layout "$T/big" 3 6000
fault_registry "$T/big" count
mi pull -q "127.0.0.1:$PORT/x" >"$T/one" 2>&1 & one=$!
mi pull -q "127.0.0.1:$PORT/x:2" >"$T/two" 2>&1 & two=$!
wait $one; r1=$?; wait $two; r2=$?
check "two pulls at once: each layer is fetched once" "$r1 $r2 $(grep -c 'GET .*/blobs/' "$T/fault.log")" = "0 0 4"
