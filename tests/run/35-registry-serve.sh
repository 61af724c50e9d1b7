#!/bin/sh
# Our own registry, asked by curl and skopeo: distribution-spec 1.1, path tricks, kill -9 in the middle, bounded memory, the proxy.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
needs skopeo curl python3 || skip_all "skopeo or curl is not installed (make peers)"
plan 92
our_registry "$T/served" --allow-delete; P=$PORT; U=http://127.0.0.1:$P; SERVER=$BG
# status CURL ARGS...: prints the status; headers in $T/head, body in $T/body
status() { curl -sS -m 30 --path-as-is -D "$T/head" -o "$T/body" -w '%{http_code}' "$@"; }
header() { tr -d '\r' <"$T/head" | sed -n "s/^$1: //ip" | tail -1; }
sha() { sha256sum <"$1" | cut -d' ' -f1; }

exits 1 "a port has one server" timeout 10 "$BIN/minictr" registry serve --addr "127.0.0.1:$P"
check "says so" "$(cat "$T/err")" "~" "in use"
check "GET /v2/" "$(status "$U/v2/")" = 200
check "says what it is" "$(header Docker-Distribution-Api-Version)" = registry/2.0
check "an empty catalog" "$(status "$U/v2/_catalog") $(cat "$T/body")" = '200 {"repositories":[]}'

# --- uploads ---
head -c 300000 /dev/urandom >"$T/blob"; D=$(sha "$T/blob")
check "POST begins an upload" "$(status -X POST "$U/v2/a/b/blobs/uploads/")" = 202
L=$(header Location)
check "with an address" "$L" "~" "^/v2/a/b/blobs/uploads/[0-9a-f]{32}$"
check "PUT with the bytes ends it" "$(status -T "$T/blob" "$U$L?digest=sha256:$D") $(header Docker-Content-Digest)" = "201 sha256:$D"
check "HEAD finds the blob" "$(status -I "$U/v2/a/b/blobs/sha256:$D") $(header Content-Length)" = "200 300000"
check "GET brings the same bytes" "$(status "$U/v2/a/b/blobs/sha256:$D") $(sha "$T/body")" = "200 $D"
check "the end of an upload is its end" "$(status "$U$L")" = 404
check "one POST is enough" "$(status --data-binary @"$T/ext" "$U/v2/a/b/blobs/uploads/?digest=sha256:$D" 2>/dev/null)" != 201
head -c 1000 /dev/urandom >"$T/small"; S=$(sha "$T/small")
check "POST with digest and bytes" "$(status -X POST -H 'Content-Type: application/octet-stream' --data-binary @"$T/small" "$U/v2/a/b/blobs/uploads/?digest=sha256:$S")" = 201
status -X POST "$U/v2/a/b/blobs/uploads/" >/dev/null; L=$(header Location)
check "the wrong digest is refused" "$(status -T "$T/small" "$U$L?digest=sha256:$D")" = 400
check "as such" "$(cat "$T/body")" "~" DIGEST_INVALID
check "a digest that is none, too" "$(status -X POST "$U/v2/a/b/blobs/uploads/" >/dev/null; status -T "$T/small" "$U$(header Location)?digest=sha256:../../x")" = 400
check "mount from another repository" "$(status -X POST "$U/v2/c/d/blobs/uploads/?mount=sha256:$D&from=a/b") $(header Location)" = "201 /v2/c/d/blobs/sha256:$D"
check "a mount of what is not here is an upload" "$(status -X POST "$U/v2/c/d/blobs/uploads/?mount=sha256:$(printf '%064d' 1)&from=a/b")" = 202
check "an upload can be given up" "$(L=$(header Location); status -X DELETE "$U$L") $(status "$U$L")" = "204 404"

# --- chunks ---
head -c 100000 "$T/blob" >"$T/c1"; tail -c +100001 "$T/blob" >"$T/c2"
status -X POST "$U/v2/a/chunks/blobs/uploads/" >/dev/null; L=$(header Location)
check "first chunk" "$(status -X PATCH -H 'Content-Range: 0-99999' --data-binary @"$T/c1" "$U$L") $(header Range)" = "202 0-99999"
check "a chunk out of order is refused" "$(status -X PATCH -H 'Content-Range: 150000-299999' --data-binary @"$T/c2" "$U$L")" = 416
check "the state can be asked" "$(status "$U$L") $(header Range)" = "204 0-99999"
check "second chunk" "$(status -X PATCH -H 'Content-Range: 100000-299999' --data-binary @"$T/c2" "$U$L") $(header Range)" = "202 0-299999"
check "an empty PUT closes" "$(status -X PUT "$U$L?digest=sha256:$D")" = 201

# --- kill -9 in the middle of an upload ---
status -X POST "$U/v2/a/killed/blobs/uploads/" >/dev/null; L=$(header Location)
(head -c 100000 "$T/blob"; sleep 5) | curl -s -X PATCH -H 'Transfer-Encoding: chunked' -T - "$U$L" >/dev/null 2>&1 & slow=$!
eventually 5 test -s "$T/served/images/ingest/upload-${L##*/}"
kill -9 "$SERVER"; wait "$SERVER" 2>/dev/null; kill $slow 2>/dev/null; wait $slow 2>/dev/null
WANT_PORT=$P our_registry "$T/served" --allow-delete; SERVER=$BG
check "after kill -9 the blobs are whole" "$(bad_blobs "$T/served")" = ""
check "the upload is still there" "$(status "$U$L")" = 204
have=$(header Range); have=$((${have#0-} + 1))
check "with what had come" "$have" -gt 1000
tail -c +$((have + 1)) "$T/blob" >"$T/rest"
check "and is gone on with" "$(status -X PUT -T "$T/rest" "$U$L?digest=sha256:$D")" = 201

# --- ranges ---
B=$U/v2/a/b/blobs/sha256:$D
check "a range" "$(status -H 'Range: bytes=100-199' "$B") $(header Content-Range) $(sha "$T/body")" = "206 bytes 100-199/300000 $(tail -c +101 "$T/blob" | head -c 100 | sha256sum | cut -d' ' -f1)"
check "an open range" "$(status -H 'Range: bytes=299990-' "$B") $(stat -c %s "$T/body")" = "206 10"
check "the last bytes" "$(status -H 'Range: bytes=-7' "$B") $(stat -c %s "$T/body")" = "206 7"
check "beyond the end" "$(status -H 'Range: bytes=300000-' "$B") $(header Content-Range)" = "416 bytes */300000"
check "nonsense is ignored" "$(status -H 'Range: bytes=9-5' "$B")" = 200

# --- manifests ---
layout "$T/img" 2 30 zstd; A=$DIGEST
M=$T/img/blobs/sha256/${A#sha256:}
check "a manifest whose blobs are not here is refused" "$(status -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @"$M" "$U/v2/m/x/manifests/1")" = 404
check "as such" "$(cat "$T/body")" "~" MANIFEST_BLOB_UNKNOWN
check "what is no manifest, too" "$(status -X PUT --data-binary 'hello' "$U/v2/m/x/manifests/1")" = 400
for t in 1 2 10 v1.0 latest; do send "$T/img" "127.0.0.1:$P/m/x:$t"; done
check "skopeo pushes and finds the digest" "$(digest_at "127.0.0.1:$P/m/x:10")" = "$A"
check "a manifest comes back with its type" "$(status "$U/v2/m/x/manifests/1") $(header Content-Type) sha256:$(sha "$T/body")" = "200 application/vnd.oci.image.manifest.v1+json $A"
check "and by digest" "$(status "$U/v2/m/x/manifests/$A")" = 200
check "the wrong digest for a manifest" "$(status -X PUT --data-binary @"$M" "$U/v2/m/x/manifests/sha256:$(printf '%064d' 1)")" = 400
check "an unknown tag" "$(status "$U/v2/m/x/manifests/none") $(cat "$T/body")" "~" "^404 .*MANIFEST_UNKNOWN"
check "an unknown repository" "$(status "$U/v2/no/x/tags/list") $(cat "$T/body")" "~" "^404 .*NAME_UNKNOWN"
check "tags" "$(status "$U/v2/m/x/tags/list") $(cat "$T/body")" = '200 {"name":"m/x","tags":["1","10","2","latest","v1.0"]}'
check "tags by two" "$(status "$U/v2/m/x/tags/list?n=2") $(cat "$T/body")" = '200 {"name":"m/x","tags":["1","10"]}'
check "with a link to the next" "$(header Link)" = '</v2/m/x/tags/list?last=10&n=2>; rel="next"'
check "which goes on" "$(status "$U/v2/m/x/tags/list?last=10&n=2") $(cat "$T/body")" = '200 {"name":"m/x","tags":["2","latest"]}'
check "the last page has no link" "$(status "$U/v2/m/x/tags/list?last=latest&n=2") $(header Link)" = "200 "
check "the catalog" "$(status "$U/v2/_catalog") $(cat "$T/body")" = '200 {"repositories":["m/x"]}'
layout "$T/multi" 1 10 index; send "$T/multi" "127.0.0.1:$P/m/multi" --all --preserve-digests
check "an index with all its platforms" "$(digest_at "127.0.0.1:$P/m/multi"; skopeo copy -q --all --src-tls-verify=false "docker://127.0.0.1:$P/m/multi" "oci:$T/multi2:x" && ls "$T/multi2/blobs/sha256" | wc -l)" = "$DIGEST
$(ls "$T/multi/blobs/sha256" | wc -l)"
check "its images need no names of their own any more" "$(grep -c "m/multi@" "$T/served/images/index.json")" = 0

# --- referrers ---
printf '{}' >"$T/empty"; E=$(sha "$T/empty")
status -X POST --data-binary @"$T/empty" "$U/v2/m/x/blobs/uploads/?digest=sha256:$E" >/dev/null
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"text/x-sbom","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:%s","size":2},"layers":[],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%s},"annotations":{"a":"b"}}' "$E" "$A" "$(stat -c %s "$M")" >"$T/ref"
R=$(sha "$T/ref")
check "an artifact with a subject" "$(status -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @"$T/ref" "$U/v2/m/x/manifests/sha256:$R") $(header OCI-Subject)" = "201 $A"
check "is found as its referrer" "$(status "$U/v2/m/x/referrers/$A") $(python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print([(m["digest"],m["artifactType"],m["annotations"]) for m in d["manifests"]])' "$T/body")" = "200 [('sha256:$R', 'text/x-sbom', {'a': 'b'})]"
check "is left out by a filter" "$(status "$U/v2/m/x/referrers/$A?artifactType=other") $(header OCI-Filters-Applied) $(grep -c sbom "$T/body")" = "200 artifactType 0"
check "nobody refers to nothing" "$(status "$U/v2/m/x/referrers/sha256:$(printf '%064d' 1)") $(header Content-Type) $(grep -c '"manifests":\[\]' "$T/body")" = "200 application/vnd.oci.image.index.v1+json 1"

# --- deleting ---
check "a tag is deleted" "$(status -X DELETE "$U/v2/m/x/manifests/v1.0") $(status "$U/v2/m/x/manifests/v1.0")" = "202 404"
check "the others stay" "$(status "$U/v2/m/x/manifests/1")" = 200
check "a manifest is deleted by digest" "$(status -X DELETE "$U/v2/m/x/manifests/$A") $(status "$U/v2/m/x/manifests/1") $(status "$U/v2/m/x/manifests/$A")" = "202 404 404"
check "once" "$(status -X DELETE "$U/v2/m/x/manifests/$A")" = 404
printf '{"schemaVersion":2,"manifests":[]}' >"$T/child"; K=sha256:$(sha256sum <"$T/child" | cut -d' ' -f1)
I="application/vnd.oci.image.index.v1+json"; printf '{"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":34}]}' "$I" "$K" >"$T/parent"
put_index() { status -X PUT -H "Content-Type: $I" --data-binary "@$T/$2" "$U/v2/held/x/manifests/$1"; }
gone_by_digest() { status -X DELETE "$U/v2/held/x/manifests/$1"; echo " $(status "$U/v2/held/x/manifests/$1")"; }
check "a manifest that an index holds stays when its tag goes, and goes by its digest" "$(put_index child child) $(put_index parent parent) $(status -X DELETE "$U/v2/held/x/manifests/child") $(status "$U/v2/held/x/manifests/$K") $(gone_by_digest $K) $(status -X DELETE "$U/v2/held/x/manifests/$K") $(status "$U/v2/held/x/manifests/parent") $(put_index again parent)" = "201 201 202 200 202 404 404 200 404"
check "also when it has a name of its own beside; a new PUT brings it back" "$(put_index child child) $(status "$U/v2/held/x/manifests/$K") $(put_index again parent) $(gone_by_digest $K) $(status "$U/v2/held/x/manifests/child") $(put_index child child) $(status -X DELETE "$U/v2/held/x/manifests/child") $(status "$U/v2/held/x/manifests/$K") $(status -X DELETE "$U/v2/held/x/manifests/again") $(status -X DELETE "$U/v2/held/x/manifests/parent") $(status "$U/v2/held/x/manifests/$K")" = "201 200 201 202 404 404 201 202 200 202 202 404"
check "a blob is deleted from one repository, and stays in the other" "$(status -X DELETE "$U/v2/c/d/blobs/sha256:$D") $(status -I "$U/v2/c/d/blobs/sha256:$D") $(status -I "$U/v2/a/b/blobs/sha256:$D")" = "202 404 200"

# --- tricks ---
echo secret >"$T/served/secret"
for p in "/v2/../../secret" "/v2/..%2f..%2fsecret/manifests/x" "/v2/a/blobs/sha256:..%2f..%2f..%2fsecret" "/v2/a/manifests/..%2f..%2f..%2findex.json" \
	"/v2/a/blobs/uploads/..%2f..%2findex.json" "/v2/A/manifests/x" "/v2//manifests/x" "/v2/a%00b/manifests/x" "/v2/a/blobs/uploads/../../index.json"; do
	check "refused: $p" "$(status "$U$p") $(grep -c 'secret\|manifests"' "$T/body")" "~" "^40[04] 0"
done
check "a name of 300 bytes" "$(status "$U/v2/$(printf 'a%.0s' $(seq 300))/tags/list")" "~" "40[04]"
check "a manifest of 20 MB is refused" "$(head -c 20000000 /dev/zero | status -X PUT --data-binary @- "$U/v2/m/x/manifests/big")" = 413
check "a header of 1 MB does not kill it" "$(status -H "X: $(head -c 100000 /dev/zero | tr '\0' x)" "$U/v2/" 2>/dev/null; status "$U/v2/")" "~" "200$"
check "the log holds nothing of a client's choosing" "$(status "$U/v2/%1b%5b31m/manifests/x" >/dev/null; grep -c "$(printf '\033')" "$T/serve.$P.log")" = 0
grep VmRSS "/proc/$SERVER/status" >"$T/rss0"
head -c 200000000 /dev/zero >"$T/large"; Z=$(sha "$T/large")
status -X POST "$U/v2/big/x/blobs/uploads/" >/dev/null
check "200 MB go in" "$(status -T "$T/large" "$U$(header Location)?digest=sha256:$Z")" = 201
check "and out" "$(status "$U/v2/big/x/blobs/sha256:$Z") $(sha "$T/body")" = "200 $Z"
check "in less than 40 MB of memory" "$(sed -n 's/VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$SERVER/status")" -lt "${ASAN_OPTIONS:+2}40000"
rm -f "$T/large" "$T/body"
check "40 clients at once" "$(seq 40 | xargs -P 40 -I{} curl -s -m 20 -o /dev/null -w '%{http_code}\n' "$B")" = "$(for i in $(seq 40); do echo 200; done)"
kill -TERM "$SERVER"; wait "$SERVER"; check "SIGTERM ends it with 0" "$?" = 0

# --- in front of another registry ---
layout "$T/up" 2 200; UP=$DIGEST
fault_registry "$T/up" count; upstream=$BG
our_registry "$T/cache" --proxy "http://127.0.0.1:$PORT"; C=127.0.0.1:$PORT
export MINICTR_ROOT="$T/client1"
exits 0 "a pull through the cache" mi pull "$C/some/x"
check "has the digest of the origin" "$(grep ^Digest "$T/out")" = "Digest: $UP"
blobs=$(grep -c 'GET .*/blobs/' "$T/fault.log")
export MINICTR_ROOT="$T/client2"; mi pull -q "$C/some/x" >/dev/null
check "the second client's layers come from the cache" "$(grep -c 'GET .*/blobs/' "$T/fault.log")" = "$blobs"
kill "$upstream"; wait "$upstream" 2>/dev/null
export MINICTR_ROOT="$T/client3"
exits 0 "without the origin the cache serves what it has" mi pull "$C/some/x"
fault_registry "$T/up" flip
our_registry "$T/cache2" --proxy "http://127.0.0.1:$PORT"; C=127.0.0.1:$PORT
export MINICTR_ROOT="$T/client4"
exits 1 "a lying origin is not passed on" mi pull "$C/some/x"
check "nor kept" "$(bad_blobs "$T/cache2")" = ""

# --- the engine's images are served as they are; mirrors; TLS ---
our_registry "$T/client1"; C=127.0.0.1:$PORT
sed -i "s#127.0.0.1:[0-9]*/some/x#docker.io/library/planted#" "$T/client1/images/index.json"
check "an image of the engine is in the catalog" "$(status "http://$C/v2/_catalog") $(cat "$T/body")" = '200 {"repositories":["library/planted"]}'
check "by its full and its short path" "$(digest_at "$C/library/planted") $(digest_at "$C/planted")" = "$UP $UP"
echo "{\"registry-mirrors\": [\"http://127.0.0.1:9\", \"http://$C\"]}" >"$MINICTR_CONFIG"
export MINICTR_ROOT="$T/client5"
exits 0 "a classroom without internet: docker.io by mirrors" mi pull planted
check "the name stays docker.io's" "$(tail -1 "$T/out")" = docker.io/library/planted:latest
rm "$MINICTR_CONFIG"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 -keyout "$T/k" -out "$T/c" 2>/dev/null
our_registry "$T/client1" --tls-cert "$T/c" --tls-key "$T/k"
check "HTTPS with a certificate" "$(curl -s --cacert "$T/c" -o /dev/null -w '%{http_code}' "https://127.0.0.1:$PORT/v2/")" = 200
exits 1 "a port that is taken" "$BIN/minictr-registry" serve --addr "127.0.0.1:$PORT"
check "is explained" "$(cat "$T/err")" "~" "cannot listen on 127.0.0.1 port $PORT.*"
