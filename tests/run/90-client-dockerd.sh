#!/bin/sh
# minictr -H against the real docker daemon, in namespaces of its own: the everyday commands; TLS; ssh; contexts.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/client.sh"
need_root
needs dockerd unshare python3 openssl iptables || skip_all "docker is not installed (make peers)"
if [ "${1:-}" != inside ]; then
	unshare --net --mount --pid --fork --kill-child --mount-proc sh "$0" inside; exit $?
fi
ip link set lo up
mount -t tmpfs -o mode=755 run /run
D=unix://$T/d.sock
XDG_CONFIG_HOME=$T/config; DOCKER_CONFIG=$T/docker; export XDG_CONFIG_HOME DOCKER_CONFIG
mkdir -p "$T/pki" "$DOCKER_CONFIG"
# An authority, a certificate of the daemon, one of the client.
sign() { # NAME SUBJECT EXTENSIONS
	openssl req -newkey rsa:2048 -nodes -keyout "$T/pki/$1-key.pem" -subj "/CN=$2" -out "$T/pki/$1.csr" 2>/dev/null
	printf '%s\n' "$3" >"$T/pki/$1.ext"
	openssl x509 -req -in "$T/pki/$1.csr" -CA "$T/pki/ca.pem" -CAkey "$T/pki/ca-key.pem" -CAcreateserial -days 2 -extfile "$T/pki/$1.ext" -out "$T/pki/$1.pem" 2>/dev/null
}
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/pki/ca-key.pem" -subj "/CN=test ca" -days 2 -out "$T/pki/ca.pem" 2>/dev/null
sign server localhost "subjectAltName=DNS:localhost,IP:127.0.0.1"
sign cert client "extendedKeyUsage=clientAuth"; mv "$T/pki/cert-key.pem" "$T/pki/key.pem"
P=$(free_port)
background dockerd -H "$D" -H "tcp://127.0.0.1:$P" --tlsverify --tlscacert "$T/pki/ca.pem" --tlscert "$T/pki/server.pem" --tlskey "$T/pki/server-key.pem" \
	--data-root "$T/dd" --exec-root "$T/de" --pidfile "$T/d.pid" --cgroup-parent "/minictr-test-$$" --log-level error >"$T/dockerd.log" 2>&1
dockerd=$BG
eventually 20 far version || skip_all "dockerd does not start here: $(grep -i fail "$T/dockerd.log" | tail -1)"
cleanup() { # cgroups of a daemon in a pid namespace end with it; only the empty directories stay
	for d in /sys/fs/cgroup/*/minictr-test-$$ /sys/fs/cgroup/minictr-test-$$; do [ ! -d "$d" ] || find "$d" -depth -type d -exec rmdir {} + 2>/dev/null; done
}
starter_images
mc save busybox | far load >/dev/null
plan 108

client_containers
client_terminals
client_files
client_parts

tls() { DOCKER_CERT_PATH=$T/pki "$BIN/minictr" -H "tcp://127.0.0.1:$P" --tlsverify "$@"; }
check "TLS: certificates of both sides" "$(tls run --rm busybox echo safe)" = safe
check "TLS: half of a hijacked connection is closed" "$(printf 'x\ny\n' | tls run -i --rm busybox wc -l)" = 2
exits 1 "TLS: without a certificate of ours" mc -H "tcp://127.0.0.1:$P" --tlsverify --tlscacert "$T/pki/ca.pem" --tlscert '' --tlskey '' ps
exits 1 "TLS: another authority is not believed" mc -H "tcp://127.0.0.1:$P" --tlsverify --tlscacert /etc/ssl/certs/ca-certificates.crt --tlscert "$T/pki/cert.pem" --tlskey "$T/pki/key.pem" ps
exits 1 "TLS: plain words to a daemon that wants TLS" mc -H "tcp://127.0.0.1:$P" ps

mkdir "$T/bin"
cat >"$T/bin/ssh" <<'S'
#!/bin/sh
echo "$*" >>"$T/ssh.log"
while [ $# -gt 1 ]; do shift; done
exec sh -c "$1"
S
chmod 755 "$T/bin/ssh"
over_ssh() { PATH=$T/bin:$BIN:$PATH mc -H "ssh://ana@far.example:2222$T/d.sock" "$@"; }
check "ssh: a call" "$(over_ssh images -q busybox)" "~" '^[0-9a-f]{12}$'
check "ssh: streams, half-closed" "$(echo through | over_ssh run -i --rm busybox cat)" = through
check "ssh: called with user, port and host" "$(sed 1q "$T/ssh.log")" "~" '^-T -lana -p2222 -- far.example '
check "ssh: nothing is left in /tmp" "$(sleep 0.3; ls -d "${XDG_RUNTIME_DIR:-/tmp}"/minictr-ssh.* 2>/dev/null | wc -l)" = 0

exits 0 "context create" mc context create lab --docker "host=tcp://127.0.0.1:$P,ca=$T/pki/ca.pem,cert=$T/pki/cert.pem,key=$T/pki/key.pem" --description "room 3"
check "context ls" "$(mc context ls --format '{{.Name}} {{.DockerEndpoint}} {{.Current}}' | tr '\n' ' ')" = "default  true lab tcp://127.0.0.1:$P false "
check "--context for one command" "$(mc --context lab run --rm busybox echo there)" = there
mc context use lab >/dev/null 2>&1
check "context use: from now on" "$(mc info --format '{{.ServerVersion}}')" = "$(far info --format '{{.ServerVersion}}')"
check "-H beats the context" "$(mc -H '' ps -aq)" = ""
check "a variable beats it, too" "$(DOCKER_HOST=$D mc context show)" = default
exits 1 "the one in use is not removed" mc context rm lab
exits 0 "export" mc context export lab "$T/lab.tar"
docker context import theirs "$T/lab.tar" >/dev/null 2>&1
check "docker reads the export" "$(docker --context theirs run --rm busybox echo both 2>&1)" = both
docker context export theirs "$T/theirs.tar" >/dev/null 2>&1
exits 0 "and we read docker's" mc context import back "$T/theirs.tar"
check "... with its keys" "$(mc --context back ps -q; echo $?)" = 0
check "keys are ours alone" "$(stat -c %a "$T/config/minictr/contexts/back/key.pem")" = 600
exits 0 "rm -f" mc context rm -f lab back
check "... and nothing is in use" "$(mc context show)" = default
exits 1 "a context that is not there" mc --context lab ps
exits 1 "-H and --context exclude each other" mc -H "$D" --context lab ps
exits 125 "an address that is none" mc -H npipe:////x ps
exits 1 "no daemon there" mc -H "unix://$T/none" ps
check "... says what to do" "$(cat "$T/err")" "~" 'is it running there'
kill "$dockerd"; wait "$dockerd" 2>/dev/null
