#!/bin/sh
# 35-registry-conformance.sh - what the distribution-spec asks of our server, and what unfinished uploads leave on its disk.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
needs python3 curl || skip_all "needs python3 and curl"
our_registry "$T/served" --allow-delete; P=$PORT; U=http://127.0.0.1:$P
python3 "$REG/conformance.py" "127.0.0.1:$P" >"$T/tap" 2>"$T/tap.err"
good=$(grep -c '^ok ' "$T/tap"); bad=$(grep -A1 '^not ok ' "$T/tap" | head -40)
plan 16
check "distribution-spec: $good checks, none failed" "$bad$(cat "$T/tap.err")" = ""
check "all of them ran" "$(sed -n 's/^1\.\.//p' "$T/tap")" = "$good"
check "all that was made for it is gone: no upload is left but those begun" "$(ls "$T/served/images/ingest" | grep -vc '^upload-')" = 0

# --- the disk ---
export MINICTR_ROOT="$T/served"
parts() { ls "$T/served/images/ingest" 2>/dev/null | grep -c '^upload-'; }
rm -f "$T/served/images/ingest"/upload-*
head -c 100000 /dev/urandom >"$T/blob"
curl -s -o /dev/null -X POST --data-binary @"$T/blob" "$U/v2/a/b/blobs/uploads/?digest=sha256:$(printf '%064d' 1)"
curl -s -o /dev/null -X POST --data-binary @"$T/blob" "$U/v2/a/b/blobs/uploads/?digest=sha256:nonsense"
curl -s -o /dev/null -X POST -H 'Content-Range: 7-9' --data-binary @"$T/blob" "$U/v2/a/b/blobs/uploads/"
check "POSTs that were refused leave nothing" "$(parts)" = 0
(head -c 50000 "$T/blob"; sleep 20) | curl -s -o /dev/null -X POST -H 'Transfer-Encoding: chunked' -H 'Content-Type: application/octet-stream' -T - "$U/v2/a/b/blobs/uploads/?digest=sha256:$(printf '%064d' 1)" & slow=$!
eventually 5 sh -c "[ -n \"\$(find $T/served/images/ingest -name 'upload-*' -size +40k)\" ]"; check "a POST on its way" "$(parts)" = 1
kill $slow; wait $slow 2>/dev/null
eventually 20 sh -c "[ -z \"\$(ls $T/served/images/ingest | grep upload-)\" ]"; check "and one whose client is gone: its bytes, too" "$(parts)" = 0
upload() { curl -s -o /dev/null -D - -X POST "$U/v2/a/b/blobs/uploads/" | tr -d '\r' | sed -n 's/^Location: //ip'; }
L=$(upload); curl -s -o /dev/null -X PATCH --data-binary @"$T/blob" "$U$L"
check "a pushed chunk is kept for its client" "$(parts)" = 1
check "system df counts it" "$(mc system df --format '{{.Type}} {{.Size}}' | grep Images)" "~" "Images 1[0-9][0-9].*kB"
touch -d '20 minutes ago' "$T/served/images/ingest/upload-${L##*/}"; L2=$(upload)
check "for ten minutes" "$(curl -s -o /dev/null -w '%{http_code}' "$U$L") $(curl -s -o /dev/null -w '%{http_code}' "$U$L2")" = "404 204"
curl -s -o /dev/null -X PATCH --data-binary @"$T/blob" "$U$L2"; touch -d '2 minutes ago' "$T/served/images/ingest/upload-${L2##*/}"
check "prune clears it, and says how much" "$(mc image prune -f | tail -1) $(parts)" = "Total reclaimed space: 100kB 0"
# A full disk: what came goes at once, and the server goes on.
mkdir "$T/small"; mount -t tmpfs -o size=6m tmpfs "$T/small"; cleanup() { umount -l "$T/small" 2>/dev/null; }
our_registry "$T/small"; S=http://127.0.0.1:$PORT
head -c 20000000 /dev/zero >"$T/big"
check "a blob larger than the disk" "$(curl -s -o "$T/body" -w '%{http_code}' -X POST --data-binary @"$T/big" "$S/v2/a/b/blobs/uploads/?digest=sha256:$(printf '%064d' 1)") $(cat "$T/body")" "~" "^507 .*disk is full"
U=$S; L=$(upload)
check "in chunks" "$(curl -s -o /dev/null -w '%{http_code}' -X PATCH --data-binary @"$T/big" "$S$L")" = 507
check "leaves no part" "$(ls "$T/small/images/ingest" | grep -c upload-)" = 0
check "a small one then fits" "$(curl -s -o /dev/null -w '%{http_code}' -X POST --data-binary @"$T/blob" "$S/v2/a/b/blobs/uploads/?digest=sha256:$(sha256sum <"$T/blob" | cut -d' ' -f1)")" = 201
# A proxy whose upstream is down says so.
our_registry "$T/cache" --proxy http://127.0.0.1:9
check "a proxy without its origin says so" "$(curl -s -o "$T/body" -w '%{http_code}' "http://127.0.0.1:$PORT/v2/x/y/manifests/1") $(cat "$T/body")" "~" "^502 .*cannot be asked"
check "for blobs, too" "$(curl -s -o "$T/body" -w '%{http_code}' "http://127.0.0.1:$PORT/v2/x/y/blobs/sha256:$(printf '%064d' 1)")" = 502
