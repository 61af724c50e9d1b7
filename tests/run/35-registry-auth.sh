#!/bin/sh
# Logins against Debian's docker-registry: TLS with a CA of our own, htpasswd, tokens; docker's credential file and helpers; search.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry/lib.sh"
need_root
needs docker-registry skopeo htpasswd openssl python3 || skip_all "docker-registry, skopeo, htpasswd or openssl is not installed (make peers)"
plan 48
layout "$T/img" 2 50
# push_as NAME: skopeo as ana
push_as() { skopeo copy -q --dest-tls-verify=false --dest-creds ana:secret "oci:$T/img:x" "docker://$1" >/dev/null; }
config() { cat "$DOCKER_CONFIG/config.json" 2>/dev/null; }

# --- TLS ---
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout "$T/ca.key" -out "$T/ca.crt" 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout "$T/tls.key" -out "$T/tls.csr" 2>/dev/null
printf 'subjectAltName=IP:127.0.0.1,DNS:localhost\n' >"$T/ext"
openssl x509 -req -in "$T/tls.csr" -CA "$T/ca.crt" -CAkey "$T/ca.key" -CAcreateserial -days 2 -extfile "$T/ext" -out "$T/tls.crt" 2>/dev/null
debian_registry tls "http: {addr: \"127.0.0.1:@PORT@\", tls: {certificate: $T/tls.crt, key: $T/tls.key}}"
H=127.0.0.1:$PORT
send "$T/img" "$H/t/x:1"
exits 1 "TLS with an unknown CA is refused" mi pull "$H/t/x:1"
check "and says what to do" "$(cat "$T/err")" "~" "certificate cannot be verified"
check "which names the place for the CA" "$(cat "$T/err")" "~" "certs.d"
exits 0 "--tls-verify=false takes it" mi pull --tls-verify=false "$H/t/x:1"
fresh
SSL_CERT_FILE=$T/ca.crt exits 0 "a CA among the host's certificates is trusted" mi pull "$H/t/x:1"
mkdir -p "$MINICTR_CERTS/$H"; cp "$T/ca.crt" "$MINICTR_CERTS/$H/"; fresh
exits 0 "a CA in certs.d/HOST:PORT is trusted" mi pull "$H/t/x:1"
rm -r "$MINICTR_CERTS"; fresh
echo "{\"insecure-registries\": [\"$H\"]}" >"$MINICTR_CONFIG"
exits 0 "insecure-registries in the config file" mi pull --tls-verify=false "$H/t/x:1"
echo '{"insecure-registries": "all"}' >"$MINICTR_CONFIG"
exits 1 "a config file with a wrong type is refused" mi pull "$H/t/x:1"
check "naming file and key" "$(cat "$T/err")" "~" "config.json.*insecure-registries"
rm "$MINICTR_CONFIG"

# --- htpasswd ---
htpasswd -Bbn ana secret >"$T/htpasswd" 2>/dev/null
debian_registry basic "auth: {htpasswd: {realm: test, path: $T/htpasswd}}"
H=127.0.0.1:$PORT
push_as "$H/b/x:1"
exits 1 "basic auth: nobody gets nothing" mi pull "$H/b/x:1"
check "and is told to log in" "$(cat "$T/err")" "~" "minictr login $H"
exits 0 "--creds for one command" mi pull --creds ana:secret "$H/b/x:1"
check "leaves no trace" "$(config)" = ""
echo wrong >"$T/pw"; mi login -u ana --password-stdin "$H" <"$T/pw" >"$T/out" 2>"$T/err"; rc=$?
check "login with a wrong password fails" "$rc $(cat "$T/err")" "~" "^1 .*unauthorized"
check "and stores nothing" "$(config)" = ""
echo secret >"$T/pw"; mi login -u ana --password-stdin "$H" <"$T/pw" >"$T/out" 2>"$T/err"; rc=$?
check "login with the right one" "$rc $(cat "$T/out")" = "0 Login Succeeded"
check "warns where it is stored" "$(cat "$T/err")" "~" "stored unencrypted in $DOCKER_CONFIG/config.json"
check "in docker's format" "$(python3 -c 'import json,sys,base64; print(base64.b64decode(json.load(open(sys.argv[1]))["auths"][sys.argv[2]]["auth"]).decode())' "$DOCKER_CONFIG/config.json" "$H")" = "ana:secret"
check "for our eyes only" "$(stat -c %a "$DOCKER_CONFIG/config.json")" = 600
fresh; exits 0 "now the pull works" mi pull "$H/b/x:1"
check "skopeo understands the file" "$(skopeo inspect --authfile "$DOCKER_CONFIG/config.json" --tls-verify=false --format '{{.Name}}' "docker://$H/b/x:1")" = "$H/b/x"
check "logged in: the catalog is searched" "$(mi search --format '{{.Name}}' "$H/b")" = "$H/b/x"
exits 0 "logout" mi logout "$H"
check "forgets" "$(config | grep -c auth\")" = 0
mi logout "$H" >"$T/out" 2>&1
check "twice is no failure" "$(cat "$T/out")" "~" "Not logged in to $H"
python3 -c 'import json,sys; json.dump({"auths":{"https://%s/v1/" % sys.argv[2]:{"auth":"YW5hOnNlY3JldA=="}},"psFormat":"x"},open(sys.argv[1],"w"))' "$DOCKER_CONFIG/config.json" "$H"
fresh; exits 0 "docker's older spelling of hosts is found" mi pull "$H/b/x:1"
mi login -u ana --password-stdin "$H" <"$T/pw" >/dev/null 2>&1
check "what we do not know in the file stays" "$(config | grep -c psFormat)" = 1

# --- credential helpers ---
mkdir -p "$T/bin"; PATH=$T/bin:$PATH
cat >"$T/bin/docker-credential-planted" <<-END
	#!/bin/sh
	echo "\$1" >>"$T/helper.log"
	case \$1 in
	get) read host; [ -f "$T/vault" ] && cat "$T/vault" || { echo "credentials not found in native keychain"; exit 1; } ;;
	store) cat >"$T/vault" ;;
	erase) rm -f "$T/vault" ;;
	esac
END
chmod +x "$T/bin/docker-credential-planted"
echo '{"credsStore": "planted"}' >"$DOCKER_CONFIG/config.json"
fresh; exits 1 "a helper that knows nothing" mi pull "$H/b/x:1"
mi login -u ana --password-stdin "$H" <"$T/pw" >"$T/out" 2>"$T/err"
check "login stores through the helper" "$(python3 -c 'import json,sys; v=json.load(open(sys.argv[1])); print(v["ServerURL"], v["Username"], v["Secret"])' "$T/vault")" = "$H ana secret"
check "and not in the file" "$(config | grep -c auths)" = 0
exits 0 "a pull asks the helper" mi pull "$H/b/x:1"
mi logout "$H" >/dev/null
check "logout erases there" "$([ -f "$T/vault" ] || echo gone) $(tail -1 "$T/helper.log")" = "gone erase"
echo "{\"credHelpers\": {\"$H\": \"missing\"}}" >"$DOCKER_CONFIG/config.json"
exits 1 "a helper that is not installed is named" mi pull "$H/b/x:1"
check "by its program's name" "$(cat "$T/err")" "~" "docker-credential-missing: not found"
rm "$DOCKER_CONFIG/config.json"

# --- tokens ---
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=issuer -keyout "$T/issuer.key" -out "$T/issuer.crt" 2>/dev/null
background python3 "$REG/token.py" "$T/token.port" "$T/token.log" "$T/issuer.key" "$T/issuer.crt"
eventually 10 test -s "$T/token.port"
debian_registry tokened "auth: {token: {realm: \"http://127.0.0.1:$(cat "$T/token.port")/token\", service: test service, issuer: test issuer, rootcertbundle: $T/issuer.crt}}"
H=127.0.0.1:$PORT
push_as "$H/t/x:1"; : >"$T/token.log"
fresh; exits 1 "tokens: nobody gets one that opens" mi pull "$H/t/x:1"
check "in docker's words" "$(cat "$T/err")" "~" "pull access denied for $H/t/x, repository does not exist or may require 'minictr login'"
check "nobody asks without a name" "$(grep -c 'user=None' "$T/token.log")" -ge 1
exits 0 "ana gets one" mi pull --creds ana:secret "$H/t/x:1"
check "for this repository and pulling only" "$(tail -1 "$T/token.log")" = "user=ana service=['test service'] scope=['repository:t/x:pull']"
mi login -u ana --password-stdin "$H" <"$T/pw" >"$T/out" 2>"$T/err"
check "login by token" "$(cat "$T/out")" = "Login Succeeded"
sed "s#$H/t/x:1#$H/mine/y:2#" "$MINICTR_ROOT/images/index.json" >"$T/index" && cp "$T/index" "$MINICTR_ROOT/images/index.json"
exits 0 "push by token" mi push "$H/mine/y:2"
check "asks for more rights than a pull" "$(grep -c "user=ana .*repository:mine/y:[a-z,]*push" "$T/token.log")" -ge 1
exits 1 "a wrong password" mi pull --creds ana:wrong "$H/t/x:1"
check "is called so" "$(cat "$T/err")" "~" "incorrect username or password"

# --- search on the Hub's protocol ---
background python3 -c '
import http.server, sys
class H(http.server.BaseHTTPRequestHandler):
    def log_message(self, *a): pass
    def do_GET(self):
        open(sys.argv[2], "w").write(self.path)
        b = b"""{"results":[{"name":"busybox","description":"Busybox \\u001b[31mbase","star_count":3000,"is_official":true,"is_automated":false},
                {"name":"someone/busybox","description":"x","star_count":2,"is_official":false,"is_automated":true}]}"""
        self.send_response(200); self.send_header("Content-Length", str(len(b))); self.end_headers(); self.wfile.write(b)
s = http.server.HTTPServer(("127.0.0.1", 0), H); open(sys.argv[1], "w").write(str(s.server_address[1])); s.serve_forever()' "$T/hub.port" "$T/hub.path"
eventually 10 test -s "$T/hub.port"
echo "{\"search-index\": \"http://127.0.0.1:$(cat "$T/hub.port")\"}" >"$MINICTR_CONFIG"
mi search --limit 7 "busy box" >"$T/out" 2>"$T/err"
check "search asks the index" "$(cat "$T/hub.path")" = "/v1/search?n=7&q=busy%20box"
check "prints docker's columns" "$(head -1 "$T/out")" "~" "^NAME +DESCRIPTION +STARS +OFFICIAL +AUTOMATED"
check "and no control characters of strangers" "$(sed -n 2p "$T/out" | tr -d '\n' | grep -c '[[:cntrl:]]')" = 0
check "filters" "$(mi search --filter is-official=true --format '{{.Name}}' busybox)" = busybox
