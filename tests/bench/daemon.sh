#!/bin/bash
# minictrd beside dockerd: a `docker run --rm` and a `docker ps` of MANY running containers through each, and the memory of each daemon
# with them. The client's own time stands beside it (`docker version`), and the same requests on the socket without it.
# Goals: run at most 1/8 of dockerd's time, ps at most 1/2, at most 15 MB with 200 containers.
. "$(dirname "$0")/common.sh"
machine
N=${RUNS:-20}; MANY=${MANY:-200}
mk_rootfs "$T/rootfs"
setup_mc "$T/rootfs"
"$BIN/minictrd" --root "$MINICTR_ROOT" -H "unix://$T/m.sock" 2>"$T/minictrd.log" & MPID=$!
inner_cleanup() { kill "$MPID" ${DPID:-} 2>/dev/null; exit; }
CLIENT=$DOCKER; names="minictr"
if ! skip docker && command -v dockerd >/dev/null; then
	start_dockerd
	tar -C "$T/rootfs" -c . | $DOCKER import - bb >/dev/null
	names="docker minictr"
fi
client() { local s=$T/d/s; [ "$1" = minictr ] && s=$T/m.sock; shift; echo "env DOCKER_HOST=unix://$s DOCKER_CONFIG=$T/none $CLIENT $*"; }
socket() { if [ "$1" = minictr ]; then echo "$T/m.sock"; else echo "$T/d/s"; fi; }
resident() { awk '/VmRSS/ {printf "%.1f MB", $2 / 1024}' "/proc/$1/status"; }
# api SOCKET COUNT run|list: milliseconds of each, without a client's start
cat >"$T/api.py" <<'P'
import http.client, json, socket, sys, time
class Unix(http.client.HTTPConnection):
    def connect(self): self.sock = socket.socket(socket.AF_UNIX); self.sock.connect(sys.argv[1])
def ask(method, path, body=None):
    c = Unix("d"); c.request(method, "/v1.41" + path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
    a = c.getresponse(); b = a.read(); assert a.status < 400, b; return b
def attach(i):
    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
    s.sendall(f"POST /v1.41/containers/{i}/attach?stream=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n".encode())
    while b"\r\n\r\n" not in s.recv(65536): pass
    return s
def run():
    i = json.loads(ask("POST", "/containers/create", {"Image": "bb", "Cmd": ["true"], "HostConfig": {"AutoRemove": True}}))["Id"]
    s = attach(i); w = Unix("d"); w.request("POST", f"/v1.41/containers/{i}/wait?condition=removed")
    ask("POST", f"/containers/{i}/start"); s.recv(1); w.getresponse().read()
def list_(): assert ask("GET", "/containers/json")
for n in range(int(sys.argv[2]) + 2):
    t = time.time(); {"run": run, "list": list_}[sys.argv[3]](); n < 2 or print((time.time() - t) * 1000)
P
api() { python3 "$T/api.py" "$(socket "$1")" "$N" "$2" | row "$1: $2, requests only"; }
for e in $names; do $(client "$e" run -d --name keeps bb sleep 100000) >/dev/null; done # bridge and rules stay
head_line "one container"; for e in $names; do hf "docker run --rm bb true ($e)" "$N" "$(client "$e" run --rm bb true)"; done
head_line "without the client"; for e in $names; do api "$e" run; done
head_line "the client alone"; for e in $names; do hf "docker version ($e)" "$N" "$(client "$e" version)"; done
for e in $names; do seq $((MANY - 1)) | xargs -P 2 -I{} $(client "$e" run -d --network none bb sleep 100000) >/dev/null; done
head_line "$MANY containers run"; for e in $names; do hf "docker ps ($e)" "$N" "$(client "$e" ps)"; done
head_line "without the client"; for e in $names; do api "$e" list; done
echo "minictrd: $(resident "$MPID")${DPID:+, dockerd: $(resident "$DPID")}"
mc rm -f $(mc ps -q) >/dev/null
for e in $names; do [ "$e" = minictr ] || $(client "$e" rm -f $($(client "$e" ps -q))) >/dev/null; done
