#!/bin/sh
# Clients other than the command, against minictrd: the docker SDK for Python, docker-compose 1.29; TLS with client
# certificates.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 curl || skip_all "python3 and curl are needed"
ip link set lo up
starter_images
DOCKER_HOST=unix://$T/api.sock; DOCKER_CONFIG=$T/docker; export DOCKER_HOST DOCKER_CONFIG; mkdir -p "$DOCKER_CONFIG"
background "$BIN/minictrd" -H "$DOCKER_HOST" 2>"$T/daemon.log"; DAEMON=$BG
eventually 10 curl -s --unix-socket "$T/api.sock" http://d/_ping
cat >"$T/sdk.py" <<'P'
import docker, io, tarfile
def check(name, ok, *more): print('ok' if ok else 'not_ok', name, *more, sep='|')
c = docker.from_env()
check('sdk: ping and version', c.ping() and c.version()['ApiVersion'] == '1.47')
check('sdk: run', c.containers.run('busybox', 'echo hello', remove=True) == b'hello\n')
k = c.containers.run('busybox', ['sh', '-c', 'while read l; do echo got $l; done'], detach=True, stdin_open=True, name='py1', labels={'a': 'b'})
s = k.attach_socket(params={'stdin': 1, 'stdout': 1, 'stream': 1}); s._sock.sendall(b'one\n')
d = b''
while len(d) < 16: d += s._sock.recv(100)
check('sdk: attach', d.endswith(b'got one\n'), d); s.close()
check('sdk: list with filters', [x.name for x in c.containers.list(filters={'label': 'a=b'})] == ['py1'])
check('sdk: exec', tuple(k.exec_run('echo ex')) == (0, b'ex\n') and k.exec_run('false').exit_code == 1)
check('sdk: logs', k.logs() == b'got one\n')
b = io.BytesIO(); t = tarfile.open(fileobj=b, mode='w'); i = tarfile.TarInfo('f'); i.size = 3; t.addfile(i, io.BytesIO(b'abc')); t.close()
put = k.put_archive('/tmp', b.getvalue()); bits, st = k.get_archive('/tmp/f')
check('sdk: archive', put and st['size'] == 3 and st['name'] == 'f' and b'abc' in b''.join(bits))
check('sdk: stats, top, changes', k.stats(stream=False)['memory_stats']['usage'] > 0 and k.top()['Titles'][0] == 'UID' and {'Path': '/tmp/f', 'Kind': 1} in k.diff())
k.stop(timeout=0); check('sdk: wait', k.wait()['StatusCode'] == 137)
k.start(); k.restart(timeout=0); k.pause(); k.unpause(); k.rename('py2'); k.reload()
check('sdk: life', (k.name, k.attrs['State']['Status']) == ('py2', 'running'))
im = k.commit('pyim', '1'); check('sdk: commit', im.tags == ['pyim:1']); k.remove(v=True, force=True)
try: c.images.get('nosuch'); check('sdk: no such image', False)
except docker.errors.ImageNotFound: check('sdk: no such image', True)
im, log = c.images.build(fileobj=io.BytesIO(b'FROM busybox\nRUN echo x\n'), tag='pyb')
check('sdk: build', im.tags == ['pyb:latest'] and any('Successfully tagged' in str(l) for l in log))
n = c.networks.create('pn'); v = c.volumes.create('pv')
check('sdk: networks and volumes', [x.name for x in c.networks.list(names=['pn'])] == ['pn'] and v.name == 'pv'); n.remove(); v.remove()
c.images.remove('pyb'); c.images.remove('pyim:1')
check('sdk: events of a past', list(c.events(since=1, until=2, decode=True)) == [])
P
/usr/bin/python3 -c 'import docker' 2>/dev/null && py=/usr/bin/python3 || py=python3
if $py -c 'import docker' 2>/dev/null; then
	$py "$T/sdk.py" >"$T/sdk.out" 2>"$T/sdk.err"
	while IFS='|' read -r verdict name more; do [ "$verdict" = ok ] && ok "$name" || not_ok "$name" "$more"; done <"$T/sdk.out"
	check "sdk: the script came to its end" "$(tail -3 "$T/sdk.err")" = ""
else skip "python3-docker" "not installed (make peers)"; fi

if needs docker-compose && docker-compose --version 2>/dev/null | grep -q ' 1\.'; then
	mkdir -p "$T/proj"; cd "$T/proj" || exit
	cat >docker-compose.yml <<'Y'
version: "3.7"
services:
  db: {image: busybox, command: 'sh -c "touch /data/ok; sleep 1000"', volumes: ["data:/data"], networks: [back],
       healthcheck: {test: ["CMD-SHELL", "test -f /data/ok"], interval: 1s}}
  web: {image: busybox, command: 'sh -c "echo web up; sleep 1000"', networks: [back, front], depends_on: [db]}
networks: {back: , front: }
volumes: {data: }
Y
	exits 0 "compose 1.29: up -d" timeout 90 docker-compose up -d
	check "compose 1.29: ps" "$(timeout 60 docker-compose ps | grep -c ' Up ')" = 2
	check "compose 1.29: logs" "$(timeout 60 docker-compose logs --no-color)" "~" 'web_1 .*web up'
	exits 0 "compose 1.29: exec finds the other service" timeout 60 docker-compose exec -T web ping -c1 db
	exits 0 "compose 1.29: down -v" timeout 90 docker-compose down -v -t 0
	check "... and nothing is left" "$(mc ps -aq; mc volume ls -q; mc network ls -q --filter type=custom)" = ""
	cd "$T" || exit
else skip "docker-compose 1.29" "not installed (make peers)"; fi
# Compose 2 (Debian 13's docker-compose): the same words, another program, which builds through the API itself.
if needs docker-compose && docker-compose version 2>/dev/null | grep -q ' v\?[2-9]\.'; then
	mkdir -p "$T/proj2"; cd "$T/proj2" || exit
	cat >compose.yaml <<'Y'
services:
  db: {image: busybox, command: ["sh", "-c", "touch /data/ok; sleep 1000"], volumes: ["data:/data"], healthcheck: {test: ["CMD", "test", "-f", "/data/ok"], interval: 1s}}
  web: {build: {context: .}, depends_on: {db: {condition: service_healthy}}, ports: ["127.0.0.1::80"]}
volumes: {data: {}}
Y
	printf 'FROM busybox\nRUN echo built >/b\nCMD ["sh", "-c", "cat /b; sleep 1000"]\n' >Dockerfile
	two() { (ulimit -v 8000000; DOCKER_BUILDKIT=0 timeout 90 docker-compose "$@"); }
	exits 0 "compose 2: up -d --build, when the first is healthy" two up -d --build
	check "compose 2: ps, logs, exec, port" "$(two ps --format '{{.Service}}' | paste -sd' ') $(two logs --no-log-prefix --no-color web | sed "s,^.*\[2K,,") $(two exec -T web cat /b) $(two port web 80)" "~" '^db web built built 127.0.0.1:[0-9]+$'
	pids() { mc ps -q | xargs "$BIN/minictr" inspect -f '{{.State.Pid}}'; }
	check "compose 2: a second up changes nothing" "$(pids) $(two up -d >/dev/null 2>&1; echo $?)" = "$(pids) 0"
	exits 0 "compose 2: down -v" two down -v -t 0
	check "... and nothing is left" "$(mc ps -aq; mc volume ls -q; mc network ls -q --filter type=custom)" = ""
	mc rmi -f proj2-web >/dev/null; cd "$T" || exit
else skip "docker compose 2" "docker-compose 2 is not installed"; fi
# npm install --ignore-scripts dockerode testcontainers@10 @devcontainers/cli, and NODE_PATH at its node_modules
if needs docker node && [ -x "${NODE_PATH:-/nowhere}/.bin/devcontainer" ]; then
	mkdir -p "$T/dev/.devcontainer"
	printf '{"image":"busybox","remoteUser":"root","updateRemoteUserUID":false,"containerEnv":{"FOO":"bar"},"postCreateCommand":"echo made >/made"}' >"$T/dev/.devcontainer/devcontainer.json"
	dev() { HOME=$T timeout 100 "$NODE_PATH/.bin/devcontainer" "$@" --workspace-folder "$T/dev" 2>"$T/dev.err"; }
	check "devcontainers: up" "$(dev up)" "~" '"outcome":"success"'
	check "devcontainers: its command ran, its variables and the folder are there" "$(HOME=$T timeout 100 "$NODE_PATH/.bin/devcontainer" exec --workspace-folder "$T/dev" sh -c 'cat /made; echo $FOO; ls -a' 2>/dev/null | grep -E '^(made|bar|.devcontainer)$' | paste -sd' ')" = "made bar .devcontainer"
	check "devcontainers: a second up takes the same one" "$(dev up | sed 's/.*containerId":"\([0-9a-f]*\).*/\1/') $(mc ps -aq | wc -l)" = "$(mc ps -q --no-trunc) 1"
	mc ps -aq | xargs "$BIN/minictr" rm -f >/dev/null
else skip "devcontainers CLI" "not in NODE_PATH"; fi
if needs node && node -e 'require("dockerode"); require("testcontainers")' 2>/dev/null; then
	mkdir "$T/npm"; printf 'FROM busybox\nRUN echo x >/x\n' >"$T/npm/Dockerfile"
	timeout 200 node "$HERE/tests/run/clients.js" "$T/npm" >"$T/npm.out" 2>&1
	while IFS='|' read -r verdict name more; do [ "$verdict" = ok ] && ok "npm: $name" || not_ok "npm: $name" "$more"; done <"$T/npm.out"
	check "npm: both clients came to their end" "$(tail -1 "$T/npm.out")" "~" '^ok.testcontainers stop'
else skip "dockerode, testcontainers" "not in NODE_PATH"; fi
kill "$DAEMON"; wait "$DAEMON" 2>/dev/null

# The pages to look at: who may, what is shown, and that a stranger's words stay words.
P=$(free_port)
printf '{"minictr_walk":1,"command":["run","<b>"],"steps":[{"who":"oci","step":"init.pivot","why":"x < y","calls":[{"call":"mount(<a>)"}]}]}' >"$T/start.walk"
background "$BIN/minictrd" -H "$DOCKER_HOST" --dashboard "$P" --walk "$T/start.walk" 2>"$T/pages.log"; DAEMON=$BG
eventually 10 grep -q 'minictrd: ready' "$T/pages.log"
mc network create shop >/dev/null
mc run -d --name shown --network shop -e SECRET=hunter2 -l 'a=<i>' busybox sh -c 'echo "<script>alert(1)</script>"; printf "\033[31mred\033[0m & plain\n" >&2; sleep 1000' >/dev/null
U=$(sed -n 's/.*dashboard on //p' "$T/pages.log"); K=${U#http://*/}
see() { curl -s -m 10 "$@"; }
status() { curl -s -m 10 -o /dev/null -w '%{http_code}' "$@"; }
check "dashboard: containers, networks, figures" "$(see "$U" | grep -c '>shown</a>.*MB\|>shown</a>.*kB') $(see "$U" | grep -c '<svg.*shop.*shown')" = "1 1"
check "dashboard: a log, escaped, without its colours, and no secret" "$(see "${U}c/shown" | grep -o '&lt;script&gt;alert(1)&lt;/script&gt;\|>red &amp; plain\|<script\|hunter2' | sort -u | paste -sd' ')" = '&lt;script&gt;alert(1)&lt;/script&gt; >red &amp; plain'
check "dashboard: a recorded start" "$(see "${U}walk" | grep -o 'run &lt;b&gt;\|init.pivot\|x &lt; y\|mount(&lt;a&gt;)' | paste -sd' ')" = 'run &lt;b&gt; init.pivot x &lt; y mount(&lt;a&gt;)'
check "dashboard: no script, no frame, nothing kept, no cookie" "$(see -D - -o /dev/null "$U" | tr -d '\r' | grep -ciE "^(content-security-policy: default-src 'none'.*frame-ancestors 'none'|x-content-type-options: nosniff|referrer-policy: no-referrer|cache-control: no-store)") $(see -D - -o /dev/null "$U" | grep -ci set-cookie)" = "4 0"
check "dashboard: without its key, with another, with half of it" "$(status "http://127.0.0.1:$P/")$(status "http://127.0.0.1:$P/00000000000000000000000000000000/")$(status "http://127.0.0.1:$P/$(echo "$K" | cut -c1-16)/")$(status "http://127.0.0.1:$P/${K%/}")" = 404404404404
check "dashboard: a name that was made to point here" "$(status -H "Host: evil.example:$P" "$U")$(status -H 'Host: 127.0.0.1' "$U")$(status -H 'Host:' "$U")$(status "http://localhost:$P/$K")" = 403403403200
check "dashboard: only reading, and nothing of the API" "$(status -X POST "$U")$(status -X OPTIONS "$U")$(status "${U}containers/json")$(status "http://127.0.0.1:$P/_ping")$(status --path-as-is "$U../containers/json")$(status "${U}c/nosuch")$(status "http://127.0.0.1:$P/containers/json")" = 405405404404404404404
check "dashboard: on loopback only" "$(ss -Hltn 2>/dev/null | awk '{print $4}' | grep ":$P\$")" = "127.0.0.1:$P"
chromium=""; for b in chromium-headless-shell chromium chromium-browser; do needs "$b" && { chromium=$b; break; }; done
if [ -n "$chromium" ]; then
	(cd "$T" && timeout 60 "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$T/chrome" --window-size=1200,900 --screenshot="$T/page.png" "$U") >/dev/null 2>&1
	# width and height of a PNG stand in its first chunk; a page of one colour is packed into a few kilobytes
	check "dashboard: a browser draws it" "$(od -An -tu1 -j16 -N8 "$T/page.png" 2>/dev/null | tr -s ' ') $([ "$(stat -c %s "$T/page.png" 2>/dev/null)" -gt 15000 ] && echo drawn)" = " 0 0 4 176 0 0 3 132 drawn"
else skip "dashboard: a browser draws it" "chromium is not installed"; fi
exits 1 "dashboard: a word that is no port" "$BIN/minictrd" -H "unix://$T/none.sock" --dashboard all
mc rm -f shown >/dev/null; mc network rm shop >/dev/null
kill "$DAEMON"; wait "$DAEMON" 2>/dev/null

if needs openssl; then
	mkdir "$T/pki"; cd "$T/pki" || exit
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca-key.pem -out ca.pem 2>/dev/null
	sign() { openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1-key.pem" -out "$1.csr" 2>/dev/null; echo "$2" >"$1.ext"
		openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.pem" 2>/dev/null; }
	sign server 'subjectAltName=IP:127.0.0.1'; sign client 'extendedKeyUsage=clientAuth'
	P=$(free_port)
	background "$BIN/minictrd" -H "tcp://127.0.0.1:$P" --tlscacert ca.pem --tlscert server.pem --tlskey server-key.pem 2>"$T/tls.log"
	tls() { curl -s -m 10 --cacert ca.pem "$@"; }
	eventually 10 tls --cert client.pem --key client-key.pem "https://127.0.0.1:$P/_ping"
	check "TLS: with a certificate" "$(tls --cert client.pem --key client-key.pem "https://127.0.0.1:$P/_ping")" = OK
	check "TLS: without one" "$(tls "https://127.0.0.1:$P/info"; echo $?) $(eventually 5 grep -q 'no client certificate' "$T/tls.log"; echo $?)" "~" '^[1-9][0-9]* 0$'
	check "TLS: plain words get a word" "$(curl -s -m 5 "http://127.0.0.1:$P/_ping")" "~" 'speaks TLS'
	exits 1 "TLS: a key of another certificate is an error of the start" "$BIN/minictrd" -H "tcp://127.0.0.1:$(free_port)" --tlscacert ca.pem --tlscert server.pem --tlskey client-key.pem
	# The end of a client's input: close_notify, and the answer still comes.
	cp client.pem cert.pem; cp client-key.pem key.pem
	export DOCKER_CERT_PATH="$T/pki"; head -c 3000000 /dev/urandom >big
	far() { timeout 60 "$BIN/minictr" -H "tcp://127.0.0.1:$P" --tlsverify "$@"; }
	check "TLS: minictr run -i, with an end of its input" "$(printf 'a\nb\n' | far run --rm -i busybox wc -l)" = 2
	check "TLS: all bytes both ways" "$(far run --rm -i busybox cat <big | cmp - big && echo same)" = same
	far run -d --name held busybox sleep 1000 >/dev/null
	check "TLS: exec -i" "$(echo x | far exec -i held cat)" = x
	if needs docker; then
		check "TLS: docker run -i, with an end of its input" "$(echo x | DOCKER_HOST=tcp://127.0.0.1:$P DOCKER_TLS_VERIFY=1 timeout 60 docker run --rm -i busybox cat)" = x
	else skip "TLS: docker run -i, with an end of its input" "docker is not installed"; fi
	cat >"$T/half.py" <<'P'
import socket, ssl, sys
ctx = ssl.create_default_context(cafile='ca.pem'); ctx.load_cert_chain('client.pem', 'client-key.pem')
# end: what the client does after its request: nothing, close_notify, or the end of its TCP side
def ask(path, end):
    raw = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); raw.settimeout(20)
    i, o = ssl.MemoryBIO(), ssl.MemoryBIO(); s = ctx.wrap_bio(i, o, server_hostname='127.0.0.1'); got = b''; asked = False
    while True:
        try:
            s.do_handshake()
            if not asked:
                s.write(b'GET %s HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n' % path.encode()); asked = True; got = b''
                try: end == 'notify' and s.unwrap()
                except ssl.SSLWantReadError: pass
                raw.sendall(o.read())
                if end == 'fin': raw.shutdown(socket.SHUT_WR)
            if end == 'notify': # Python's side reads no more: bytes enough for an answer will do
                while len(got) < 1000:
                    more = raw.recv(65536); got += more
                    if not more: return False
                return True
            more = s.read(65536)
            if not more: return b' 200 ' in got
            got += more
        except ssl.SSLWantReadError:
            more = o.read(); more and raw.sendall(more); more = raw.recv(65536)
            if not more: return b' 200 ' in got
            i.write(more)
        except ssl.SSLError: return b' 200 ' in got
for end in ('open', 'notify', 'fin'): print(end, all(ask('/info', end) for _ in range(20)))
P
	check "TLS: an early end of a request is no end of its answer" "$(python3 "$T/half.py" "$P" 2>&1 | paste -sd,)" = "open True,notify True,fin True"
	timeout 1 "$BIN/minictr" -H "tcp://127.0.0.1:$P" --tlsverify events >/dev/null 2>&1
	check "TLS: a client that goes takes its job along" "$(eventually 10 sh -c "[ \$(cat /proc/$BG/task/$BG/children | wc -w) = 1 ]" && echo gone)" = gone
	kill -9 $(cat "/proc/$BG/task/$BG/children")
	eventually 10 tls --cert client.pem --key client-key.pem "https://127.0.0.1:$P/_ping"
	check "TLS: the front is started again when it dies" "$(far rm -f held)" = held
fi
plan $N
