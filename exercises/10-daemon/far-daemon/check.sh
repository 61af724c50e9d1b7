. "$(dirname "$0")/../../lib.sh"
dir=$(kept engine10c); pki=$(kept pki10); at=tcp://127.0.0.1:$(number port 20000 29000)
for f in cert.pem key.pem; do [ -s "$pki/$f" ] || fail "$f in $pki" "it is not there" "the client needs a certificate of its own, and the key to it [server-proves-client]"; done
openssl verify -CAfile "$pki/ca.pem" "$pki/cert.pem" >/dev/null 2>&1 || fail "cert.pem, signed by the authority in ca.pem" "$(openssl x509 -in "$pki/cert.pem" -noout -issuer 2>&1)" "the daemon believes this authority only: a certificate that signs itself proves nothing [self-signed-will-do]"
case $(stat -c %a "$pki/key.pem") in ?00) ;; *) fail "a key that nobody else can read" "mode $(stat -c %a "$pki/key.pem")" "who has the key is the client: chmod 600 [key-is-public]" ;; esac
same "the context's daemon" "$at" "$(minictr context inspect "$(word far)" --format '{{.Endpoints.docker.Host}}' 2>/dev/null)" "minictr context create NAME --docker host=...,ca=...,cert=...,key=..."
daemon=$(dirname "$(command -v minictr)")/minictrd; [ -x "$daemon" ] || daemon=$(command -v minictrd)
"$daemon" --root "$dir" -H "$at" --tlscacert "$pki/ca.pem" --tlscert "$pki/server.pem" --tlskey "$pki/server-key.pem" >"$dir/d.log" 2>&1 & pid=$!
i=0; until grep -q ready "$dir/d.log" || [ $i = 100 ] || ! kill -0 $pid 2>/dev/null; do i=$((i + 1)); sleep 0.1; done
got=$(minictr -c "$(word far)" version --format '{{.Server.ApiVersion}}' 2>&1); rc=$?
minictr -H "$at" --tlsverify --tlscacert "$pki/ca.pem" --tlscert '' --tlskey '' version >/dev/null 2>&1 && stranger=yes || stranger=no
kill $pid 2>/dev/null; wait $pid 2>/dev/null
[ $rc = 0 ] || fail "an answer through the context $(word far)" "$got; the daemon: $(tail -1 "$dir/d.log")" "the context carries the authority, the certificate and the key: with a host alone the client speaks without TLS [host-is-enough]"
ok "the daemon answers through the context"
same "and to a client without a certificate" no "$stranger"
