#!/bin/sh
# push to Debian's docker-registry and to our own: same digests, nothing sent twice, mounts, chunks; docker's output.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
needs docker-registry skopeo python3 || skip_all "docker-registry or skopeo is not installed (make peers)"
plan 27
# rename OLD NEW: another name for an image, by the text of the index (no tag command needed)
also() { python3 - "$MINICTR_ROOT/images/index.json" "$1" "$2" <<-'END'
	import json, sys
	p, old, new = sys.argv[1:]; d = json.load(open(p)); key = "org.opencontainers.image.ref.name"
	e = [m for m in d["manifests"] if m["annotations"].get(key) == old][0]
	e = json.loads(json.dumps(e)); e["annotations"][key] = new; d["manifests"].append(e); json.dump(d, open(p, "w"))
	END
}
debian_registry reg; H=127.0.0.1:$PORT
our_registry "$T/other"; O=127.0.0.1:$PORT; OLOG=$T/serve.$PORT.log
layout "$T/img" 3 400 zstd; A=$DIGEST; send "$T/img" "$H/a/x:1"
mi pull -q "$H/a/x:1" >/dev/null

also "$H/a/x:1" "$O/new/x:7"
exits 0 "push" mi push "$O/new/x:7"
check "first line" "$(head -1 "$T/out")" = "The push refers to repository [$O/new/x]"
check "every layer is sent" "$(grep -c ': Pushed$' "$T/out")" = 3
check "last line: tag, digest, size" "$(tail -1 "$T/out")" = "7: digest: $A size: $(stat -c %s "$T/img/blobs/sha256/${A#sha256:}")"
check "the registry has the same digest" "$(digest_at "$O/new/x:7")" = "$A"
check "and the same bytes" "$(skopeo copy -q --src-tls-verify=false "docker://$O/new/x:7" "oci:$T/back:x" && ls "$T/back/blobs/sha256")" = "$(ls "$T/img/blobs/sha256")"
: >"$OLOG"; exits 0 "push again" mi push "$O/new/x:7"
check "sends nothing" "$(grep -c ': Layer already exists$' "$T/out") $(grep -c 'POST\|PATCH\|PUT upload' "$OLOG")" = "3 0"
exits 1 "an image that is not here" mi push "$O/not/here"
check "in docker's words" "$(cat "$T/err")" "~" "An image does not exist locally with the tag: $O/not/here"

also "$H/a/x:1" "$H/b/y:1"
exits 0 "a repository beside it on docker-registry" mi push "$H/b/y:1"
check "takes the layers over" "$(grep -c ': Mounted from' "$T/out")" = 3
check "same digest there" "$(digest_at "$H/b/y:1")" = "$A"

echo '{"upload-chunk-size": "100k"}' >"$MINICTR_CONFIG"
debian_registry reg2; H2=127.0.0.1:$PORT
also "$H/a/x:1" "$H2/c/x:1"
exits 0 "in pieces of 100 KB to docker-registry" mi push "$H2/c/x:1"
check "same digest" "$(digest_at "$H2/c/x:1")" = "$A"
our_registry "$T/third"; O3=127.0.0.1:$PORT
also "$H/a/x:1" "$O3/c/x:1"
exits 0 "in pieces to our own" mi push "$O3/c/x:1"
check "same digest there" "$(digest_at "$O3/c/x:1")" = "$A"
check "it took several pieces" "$(grep -c 'PATCH upload' "$T/serve.$PORT.log")" -ge 12
rm "$MINICTR_CONFIG"

also "$H/a/x:1" "$O3/d/x:1"; also "$H/a/x:1" "$O3/d/x:2"
exits 0 "-a pushes every tag" mi push -a "$O3/d/x"
check "both are there" "$(curl -s "http://$O3/v2/d/x/tags/list")" = '{"name":"d/x","tags":["1","2"]}'
check "-q prints the name only" "$(mi push -q "$O3/d/x:1")" = "$O3/d/x:1"

our_registry "$T/ro" --read-only; RO=127.0.0.1:$PORT
also "$H/a/x:1" "$RO/x:1"
exits 1 "a registry that takes nothing" mi push "$RO/x:1"
check "is quoted" "$(cat "$T/err")" "~" "read-only"
for kind in docker2 none; do
	layout "$T/$kind" 2 60 $kind; fault_registry "$T/$kind" count
	mi pull -q "127.0.0.1:$PORT/k/$kind:1" >/dev/null; also "127.0.0.1:$PORT/k/$kind:1" "$H/k/$kind:1"
	exits 0 "$kind layers go out as they came" mi push "$H/k/$kind:1"
	check "$kind: same digest" "$(digest_at "$H/k/$kind:1")" = "$DIGEST"
done
