#!/bin/sh
# minictrd as bytes on a socket: versions, errors, both filter shapes, streams, hijack and half-close, many clients, and
# what no client should send; debug mode, its end, and the containers that outlive it.
. "$(dirname "$0")/lib.sh"
need_root
needs curl python3 || skip_all "curl and python3 are needed"
ip link set lo up
starter_images
S=$T/api.sock
serve() { background "$BIN/minictrd" -H "unix://$S" "$@" 2>>"$T/daemon.log"; DAEMON=$BG; eventually 10 curl -s --unix-socket "$S" http://d/_ping; }
api() { m=$1; p=$2; shift 2; curl -s -m 20 --unix-socket "$S" -X "$m" "http://d$p" "$@"; }
code() { m=$1; p=$2; shift 2; curl -s -m 20 -o "$T/body" -w '%{http_code}' --unix-socket "$S" -X "$m" "http://d$p" "$@"; }
json() { want=$1; shift; python3 -c "import json,sys; d=json.load(sys.stdin); print($want)" "$@"; }
J='Content-Type: application/json'
serve
check "the socket is for its group only" "$(stat -c %a "$S" | grep -cE '^6[06]0$')" = 1
check "ping" "$(api GET /_ping)" = OK
check "headers on every answer" "$(curl -sI --unix-socket "$S" http://d/_ping | tr -d '\r' | grep -ciE '^(api-version: 1.47|ostype: linux|docker-experimental: false|server: minictrd|cache-control: no-cache)')" = 5
check "version" "$(api GET /v1.30/version | json 'd["ApiVersion"], d["MinAPIVersion"]')" = "1.47 1.24"
check "too new" "$(code GET /v1.99/version) $(cat "$T/body")" "~" '^400 .*client version 1.99 is too new. Maximum supported API version is 1.47'
check "too old" "$(code GET /v1.12/version) $(cat "$T/body")" "~" '^400 .*too old. Minimum supported API version is 1.24'
check "no such page" "$(code GET /nosuch) $(cat "$T/body")" = '404 {"message":"page not found"}'
check "a page of another method" "$(code POST /version)" = 405
check "OPTIONS anywhere" "$(code OPTIONS /anything)" = 200
check "create without a type" "$(code POST /containers/create -H Content-Type: -d '{}') $(cat "$T/body")" "~" "^400 .*Content-Type specified \(\) must be 'application/json'"
check "create: broken JSON names its place" "$(code POST /containers/create -H "$J" -d '{"Image": ') $(cat "$T/body")" "~" '^400 .*body:1:'
check "create: a wrong type names its place" "$(code POST /containers/create -H "$J" -d '{"Image":"busybox","Tty":7}') $(cat "$T/body")" "~" '^400 .*Tty'
check "create: no image" "$(code POST /containers/create -H "$J" -d '{"Image":"nosuch:1"}') $(cat "$T/body")" "~" '^404 .*No such image: nosuch:1'
check "create: bad name" "$(code POST '/containers/create?name=a%20b' -H "$J" -d '{"Image":"busybox"}')" = 400
check "create: nulls, and a slash before the name" "$(code POST '/containers/create?name=/one' -H "$J" -d '{"Image":"busybox","Cmd":["sleep","1000"],"Env":null,"Healthcheck":null,"HostConfig":null,"NetworkingConfig":null,"Hostname":null}') $(json 'd["Warnings"]' <"$T/body")" = "201 []"
check "create: the name is taken" "$(code POST '/containers/create?name=one' -H "$J" -d '{"Image":"busybox"}') $(cat "$T/body")" "~" '^409 .*already in use'
check "wait: a created one is not running" "$(api POST /containers/one/wait | json 'd["StatusCode"]')" = 0
check "wait: no such condition" "$(code POST '/containers/one/wait?condition=foo')" = 400
check "stop of a created one" "$(code POST /containers/one/stop)" = 304
check "kill of one that does not run" "$(code POST /containers/one/kill) $(cat "$T/body")" "~" '^409 .*is not running'
check "start, start again" "$(code POST /containers/one/start)$(code POST /containers/one/start)" = 204304
check "bad signal" "$(code POST '/containers/one/kill?signal=FOO')" = 400
check "rm of a running one" "$(code DELETE /containers/one)" = 409
check "logs without a stream" "$(code GET /containers/one/logs) $(cat "$T/body")" "~" '^400 .*you must choose at least one stream'
check "pause twice, exec on a paused one" "$(code POST /containers/one/pause)$(code POST /containers/one/pause)$(code POST /containers/one/exec -H "$J" -d '{"Cmd":["true"]}')$(code POST /containers/one/unpause)" = 204409409204
check "list: filters as a map and as a list" "$(api GET '/containers/json?filters=%7B%22status%22%3A%7B%22running%22%3Atrue%7D%7D' | json 'len(d)')$(api GET '/containers/json?filters=%7B%22status%22%3A%5B%22running%22%5D%7D' | json 'len(d)')" = 11
check "list: unknown and broken filters" "$(code GET '/containers/json?filters=%7B%22foo%22%3A%5B%22a%22%5D%7D')$(code GET '/containers/json?filters=%7B')" = 400400
check "unknown parameters are let pass" "$(code GET '/containers/json?limit=-1&trunc_cmd=0&size=0&x=y')" = 200
# Rows kept between two lists: whatever changes beside the daemon, the next list has it. A list with a limit reads all files.
cat >"$T/rows.py" <<'P'
import json, re, sys
def plain(r): return dict(r, Status=re.sub(r"(Up|\)).*", r"\1", r["Status"]))
kept, fresh = ([plain(r) for r in json.load(open(f))] for f in sys.argv[1:])
print(kept == fresh, *sorted(r["Names"][0] + ":" + r["State"] for r in kept))
P
rows() { for i in 1 2 3; do api GET '/containers/json?all=1' >"$T/kept"; sleep 0.1; done; api GET '/containers/json?all=1&limit=999' >"$T/fresh"; python3 "$T/rows.py" "$T/kept" "$T/fresh"; }
mc run -d --name two busybox sleep 1000 >/dev/null
check "list: kept rows are those of the files" "$(rows)" = "True /one:running /two:running"
mc rename two deux; check "list: another name" "$(rows)" = "True /deux:running /one:running"
mc pause deux >/dev/null; check "list: another state" "$(rows)" = "True /deux:paused /one:running"
mc unpause deux >/dev/null; rows >/dev/null; init=$(mc inspect -f '{{.State.Pid}}' deux); monitor=$(awk '/^PPid/ {print $2}' "/proc/$init/status")
kill -9 "$monitor" "$init"; check "list: its processes were killed, and no file says so" "$(rows)" = "True /deux:exited /one:running"
for f in /run/minictr/*/rows; do truncate -s -1 "$f"; done; check "list: the kept rows are damaged" "$(rows)" = "True /deux:exited /one:running"
mc rm -f deux >/dev/null; check "list: one is gone" "$(rows)" = "True /one:running"
# Words of a wrong kind: each is refused, none is taken for an absent one. The rows: path, body; bodies that are right at the end.
E=containers/one/exec C=containers/create
while IFS='|' read -r want page body; do
	got=$(code POST "/v1.44/$page" -H "$J" -d "$(echo "$body" | sed 's/^+/{"Image":"busybox",/')")
	[ "$got" = "$want" ] || { not_ok "$page $body" "got $got, wanted $want: $(cat "$T/body")"; WRONG=1; }
done <<W
400|$E|{"Cmd":["true"],"Env":{"A":"b"}}
400|$E|{"Cmd":["true"],"Env":["A=b",2]}
400|$E|{"Cmd":["true"],"DetachKeys":"ctrl-zz"}
400|$E|{"Cmd":["true"],"detachKeys":7}
400|$E|{"Cmd":[true]}
400|$E|{"Cmd":["true"],"Privileged":1}
400|$E|{"Cmd":["true"],"WorkingDir":["/"]}
400|$C|+"Volumes":["/data"]}
400|$C|+"Volumes":{"/data":"x"}}
400|$C|+"OnBuild":{"a":1}}
400|$C|+"Healthcheck":{"Test":"true"}}
400|$C|+"NetworkDisabled":"false"}
400|$C|+"HostConfig":{"PortBindings":[{"HostPort":"80"}]}}
400|$C|+"HostConfig":{"PortBindings":{"81/tcp":[{"HostPort":8081}]}}}
400|$C|+"HostConfig":{"RestartPolicy":"no"}}
400|$C|+"HostConfig":{"NetworkMode":{"a":1}}}
400|$C|+"HostConfig":{"Tmpfs":["/t"]}}
400|$C|+"HostConfig":{"Ulimits":[{"Name":"core","Soft":"0","Hard":0}]}}
400|$C|+"HostConfig":{"Mounts":[{"Type":"bind","Source":"/tmp","Target":"/t","ReadOnly":"true"}]}}
400|$C|+"HostConfig":{"MaskedPaths":"/proc/kcore"}}
400|$C|+"NetworkingConfig":{"EndpointsConfig":["bridge"]}}
400|$C|+"NetworkingConfig":{"EndpointsConfig":{"bridge":{"Aliases":"x"}}}}
400|networks/create|{"Name":"w1","Internal":"true"}
400|networks/create|{"Name":"w2","Options":["a=b"]}
400|networks/create|{"Name":"w3","IPAM":{"Config":[{"Subnet":1}]}}
404|networks/create|{"Name":"w4","IPAM":{"Driver":"dhcp"}}
400|volumes/create|{"Name":"w5","Labels":["a"]}
400|containers/one/update|{"RestartPolicy":"always"}
400|containers/one/resize|{}
400|containers/one/resize?h=5|{}
400|containers/one/attach?detachKeys=zz,|{}
400|containers/one/start?checkpoint=c1|{}
400|build/prune?keep-storage=5GB|{}
400|build/prune?filters=%7B%22until%22%3A%5B%221h%22%5D%7D|{}
200|build/prune?filters=%7B%22label%22%3A%5B%22a%22%5D%7D|{}
400|images/prune?filters=%7B%22dangling%22%3A%5B%22maybe%22%5D%7D|{}
400|$E|{"Cmd":["true"],"ConsoleSize":[-3,9]}
400|$C|+"HostConfig":{"ConsoleSize":[7,-1]}}
400|$C|+"HostConfig":{"Isolation":"process"}}
400|$C|+"HostConfig":{"KernelMemory":-9}}
400|$C|+"HostConfig":{"PortBindings":{"web":[]}}}
400|$C|+"HostConfig":{"PortBindings":{"80/xtp":null}}}
400|containers/one/update|
201|$E|{"Cmd":["true"],"Env":["A=b"],"DetachKeys":"ctrl-x,x","ConsoleSize":[24,80],"Newer":[1]}
201|$C|+"Volumes":{"/data":{}},"Cmd":"true","OnBuild":null,"HostConfig":{"PortBindings":{"82/tcp":null},"Tmpfs":{"/t":""},"Newer":1}}
W
check "words of a wrong kind are refused, right ones taken" "${WRONG:-none}" = none
check "a limit that we do not give is told" "$(code POST "/$C" -H "$J" -d '{"Image":"busybox","HostConfig":{"KernelMemory":9000000,"CpuPercent":3}}') $(json 'len(d["Warnings"])' <"$T/body") $(code POST /containers/one/update -H "$J" -d '{"KernelMemoryTCP":7}') $(cat "$T/body")" "~" '^201 2 200 .*KernelMemoryTCP is not limited'
check "a port without a way in is only exposed" "$(code POST "/$C?name=shut" -H "$J" -d '{"Image":"busybox","HostConfig":{"PortBindings":{"82/tcp":null,"53/udp":[]}}}') $(mc inspect -f '{{json .HostConfig.PortBindings}} {{json .Config.ExposedPorts}}' shut)" = '201 {} {"82/tcp":{},"53/udp":{}}'
check "members in other letters, as docker's decoder takes them" "$(code POST '/containers/create?name=low' -H "$J" -d '{"image":"busybox","CMD":["true"],"env":["a=B"],"labels":{"Mixed":"x","mixed":"y"},"hostconfig":{"memory":33554432,"restartpolicy":{"name":"always"},"mounts":[{"type":"bind","SOURCE":"/tmp","target":"/t","bindoptions":{"propagation":"rslave"}}]},"tty":true,"Tty":false}') $(api GET /containers/low/json | json 'd["Config"]["Cmd"], "a=B" in d["Config"]["Env"], d["Config"]["Tty"], sorted(d["Config"]["Labels"]), d["HostConfig"]["Memory"], d["HostConfig"]["RestartPolicy"]["Name"], d["HostConfig"]["Mounts"][0]["BindOptions"]["Propagation"]')$(code POST /containers/low/update -H "$J" -d '{"pidslimit":77,"BlkioWeight":300}') $(json 'len(d["Warnings"])' <"$T/body") $(mc inspect -f '{{.HostConfig.PidsLimit}}' low) $(code POST /containers/create -H "$J" -d '{"image":"busybox","tty":7}') $(mc rm low)" = "201 ['true'] True False ['Mixed', 'mixed'] 33554432 always rslave200 1 77 400 low"
check "... and in a query" "$(code GET '/v1.44/system/df?type=layers')$(code GET '/v1.44/system/df?type=image&type=volume')$(code GET '/containers/one/stats?stream=1&one-shot=1')$(code GET '/events?since=9&until=5')$(printf x | code POST '/build?version=7' --data-binary @-) $(cat "$T/body")" = '400200400400400 {"message":"invalid version \"7\""}'
check "top with one column" "$(api GET '/containers/one/top?ps_args=-o%20pid' | json 'd["Titles"], len(d["Processes"])')" = "['PID'] 1"
check "exec: no command, no such program" "$(code POST /containers/one/exec -H "$J" -d '{"Cmd":[]}') $(X=$(api POST /containers/one/exec -H "$J" -d '{"Cmd":["/nosuch"],"AttachStdout":true,"AttachStderr":true}' | json 'd["Id"]'); api POST "/exec/$X/start" -H "$J" -d '{}' >/dev/null; api GET "/exec/$X/json" | json 'd["ExitCode"], d["Running"]')" = "400 127 False"
X=$(api POST /containers/one/exec -H "$J" -d '{"Cmd":["sh","-c","exit 9"]}' | json 'd["Id"]')
check "exec -d: started, and its exit code is known" "$(code POST "/exec/$X/start" -H "$J" -d '{"Detach":true}') $(eventually 5 sh -c "curl -s --unix-socket $S http://d/exec/$X/json | grep -q '\"ExitCode\":9'" && echo 9)" = "200 9"
check "exec: started twice; resize after its end" "$(code POST "/exec/$X/start" -H "$J" -d '{}')$(code POST "/exec/$X/resize?h=3&w=3")" = 409409
api POST '/containers/create?name=lnk' -H "$J" -d '{"Image":"busybox","Cmd":["sleep","100"],"HostConfig":{"Links":["/one:/x/db"]}}' >/dev/null; code POST /containers/lnk/start >/dev/null
check "a link, and its end" "$(api GET /containers/lnk/json | json 'd["HostConfig"]["Links"]') $(mc exec lnk ping -c1 db >/dev/null 2>&1; echo $?) $(code DELETE '/containers/lnk/db?link=1')$(code DELETE '/containers/lnk/db?link=1') $(mc exec lnk ping -c1 db >/dev/null 2>&1; echo $?) $(code DELETE '/containers/lnk?force=1')" = "['/one:/lnk/db'] 0 204404 1 204"
check "a request for no path at all" "$(printf 'DELETE x?link=1 HTTP/1.1\r\nHost: d\r\n\r\n' | timeout 5 python3 -c 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.stdin.buffer.read()); print(s.recv(12).decode())' "$S")" "~" '^HTTP/1.1 4'
P=$(free_port); background "$BIN/minictr-registry" serve --addr "127.0.0.1:$P" >"$T/reg.out" 2>"$T/reg.err"; eventually 10 grep -q listening "$T/reg.out"
check "distribution: the platform of an image that is no list" "$(api GET "/distribution/127.0.0.1:$P/busybox/json" | json 'd["Platforms"][0]["os"], len(d["Platforms"]), d["Descriptor"]["digest"][:7]')" = "linux 1 sha256:"
check "VirtualSize went with API 1.44" "$(for v in 43 44; do api GET "/v1.$v/images/json" | json '"VirtualSize" in d[0]'; api GET "/v1.$v/images/busybox/json" | json '"VirtualSize" in d'; done | paste -sd' ')" = "True True False False"
api POST /networks/create -H "$J" -d '{"Name":"twice"}' >/dev/null
check "connect twice is forbidden" "$(code POST /networks/twice/connect -H "$J" -d '{"Container":"one"}')$(code POST /networks/twice/connect -H "$J" -d '{"Container":"one"}') $(grep -c 'already exists in network twice' "$T/body") $(code POST /networks/twice/disconnect -H "$J" -d '{"Container":"one"}')" = "200403 1 200"
check "no such log driver, in docker's words alone" "$(code POST /containers/create -H "$J" -d '{"Image":"busybox","HostConfig":{"LogConfig":{"Type":"asdf"}}}') $(cat "$T/body")" = "400 {\"message\":\"logger: no log driver named 'asdf' is registered\"}"
# A 404 makes the docker command fetch the image and ask again: only a missing image, or one of another platform, is one.
create() { code POST "/containers/create${2:-}" -H "$J" -d "{\"Image\":\"busybox\",\"HostConfig\":{$1}}"; }
check "create: what else is missing is the request's fault" "$(create '"Mounts":[{"Type":"bind","Source":"/nosuch","Target":"/x"}]') $(create '"VolumesFrom":["nosuch"]') $(create '"Runtime":"nosuch"') $(create '"NetworkMode":"container:nosuch"') $(create '"PidMode":"container:nosuch"') $(create '' '?platform=linux/arm64')" = "400 400 400 400 400 404"
check "create: what we cannot do is refused, or told at the start" "$(create '"StorageOpt":{"size":"1G"}') $(create '"DeviceRequests":[{"Driver":"","Count":-1,"Capabilities":[["gpu"]]}]' '?name=gpu') $(code POST /containers/gpu/start) $(grep -c 'CDI device gpu=all' "$T/body"); $(mc rm gpu)" "~" '^400 201 (400|404|500) 1; gpu'
nest() { create "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/tmp\",\"Target\":\"/x\",\"ReadOnly\":true,\"BindOptions\":{\"$1\":true}}]" '?name=nest' >/dev/null; mc inspect -f '{{json .HostConfig.Mounts}}' nest | grep -co "\"BindOptions\":{\"$1\":true}"; mc rm nest >/dev/null; }
check "create: how far a read-only bind goes" "$(nest ReadOnlyNonRecursive) $(nest ReadOnlyForceRecursive)" = "1 1"
mc create --name drv --mount type=volume,dst=/v,volume-driver=local,volume-opt=type=tmpfs,volume-opt=device=tmpfs busybox mount >/dev/null
check "a mount of the command line in docker's words, made again from them" "$(code POST '/containers/create?name=drv2' -H "$J" -d "{\"Image\":\"busybox\",\"Cmd\":[\"mount\"],\"HostConfig\":{\"Mounts\":$(mc inspect -f '{{json .HostConfig.Mounts}}' drv)}}") $(mc inspect -f '{{json .HostConfig.Mounts}}' drv | grep -c '"DriverConfig":{"Name":"local","Options":{') $(mc start -a drv2 | grep -c '^tmpfs on /v ') $(mc rm -v drv drv2 | wc -l)" = "201 1 1 2"
check "start of a paused one, start with settings, top of one that has ended" "$(code POST /containers/one/pause)$(code POST /containers/one/start)$(code POST /containers/one/unpause) $(create '' '?name=still' >/dev/null; code POST /containers/still/start -H "$J" -d '{"Memory":1}')$(code GET /containers/still/top) $(mc rm still)" = "204409204 400409 still"
check "networks of kinds that we have not" "$(for w in '"Scope":"swarm"' '"Ingress":true' '"ConfigOnly":true' '"ConfigFrom":{"Network":"x"}' '"EnableIPv4":false'; do code POST /networks/create -H "$J" -d "{\"Name\":\"odd\",$w}"; done)$(code GET /networks/odd)" = 403403400400400404
check "filters=null; archive of no container" "$(code GET '/containers/json?filters=null')$(code GET '/containers/nosuch/archive?path=/x')$(grep -c 'No such container' "$T/body")$(printf x | code PUT '/containers/nosuch/archive?path=/x' --data-binary @-)$(grep -c 'No such container' "$T/body")" = 20040414041
check "archive: HEAD of nothing has no body" "$(code HEAD '/containers/one/archive?path=/nosuch' -I)" = 404
check "archive: into a file" "$(printf x | code PUT '/containers/one/archive?path=/etc/hosts' --data-binary @-) $(cat "$T/body")" "~" '^400 .*extraction point is not a directory'
check "predefined network" "$(code DELETE /networks/bridge) $(cat "$T/body")" "~" '^403 .*bridge is a pre-defined network'
check "volumes: one is listed as its create has told it" "$(api POST /volumes/create -H "$J" -d '{"Name":"same"}' | json 'sorted(d)')" = "$(api GET /volumes | json 'sorted([v for v in d["Volumes"] if v["Name"] == "same"][0])')"
check "volume without a name has one of 64 digits" "$(api POST /volumes/create -H "$J" -d '{}' | json 'len(d["Name"])')" = 64
check "no swarm, no plugins, no BuildKit" "$(code GET /swarm)$(api GET /plugins | tr -d '\n')$(code POST /grpc)" = "503[]404"
check "buildx's own image: the hint, at once" "$(code POST '/images/create?fromImage=moby/buildkit&tag=buildx-stable-1') $(cat "$T/body")" "~" '^400 .*DOCKER_BUILDKIT=0'

# What the SDK's own users found: each row is a kind of request that docker answers and we did not.
check "swarm's pages say that there is none" "$(code POST '/swarm/leave?force=1')$(code GET /services)$(code POST /secrets/create -H "$J" -d '{}')$(code GET /nodes/x)$(code DELETE /services/x)$(code PUT '/volumes/x?version=1' -H "$J" -d '{}')" = 503503503503503503
check "create: words that are only kept, and a name without a value" "$(code POST '/containers/create?name=kept' -H "$J" -d '{"Image":"busybox","Cmd":["env"],"Env":["PATH","A="],"HostConfig":{"Isolation":"default","VolumeDriver":"foo","DeviceCgroupRules":["c 7:128 rwm"]}}') $(api GET /containers/kept/json | json 'd["HostConfig"]["Isolation"], d["HostConfig"]["VolumeDriver"], d["HostConfig"]["DeviceCgroupRules"], d["Config"]["Env"]')" "~" "^201 default foo \['c 7:128 rwm'\] \[.*'PATH'.*\]"
check "archive: into the volume of a container that never ran, and out of it" "$(code POST '/containers/create?name=vol' -H "$J" -d '{"Image":"busybox","Cmd":["cat","/vol1/f"],"Volumes":{"/vol1":{}}}') $(mkdir "$T/tar"; echo inside >"$T/tar/f"; tar -C "$T/tar" -c f | code PUT '/containers/vol/archive?path=/vol1' --data-binary @-) $(api GET '/containers/vol/archive?path=/vol1/f' | tar -xO) $(mc start -a vol) $(api GET '/containers/vol/archive?path=/vol1' | tar -t | paste -sd' ')" = "201 200 inside inside vol1/ vol1/f"
check "image inspect: all members of Config" "$(api GET /images/busybox/json | json 'sorted(k for k in ("OnBuild","Volumes","Tty","Entrypoint","StdinOnce") if k in d["Config"]), "Image" in d["ContainerConfig"]')" = "['Entrypoint', 'OnBuild', 'StdinOnce', 'Tty', 'Volumes'] True"
I=$(api POST '/commit?container=kept' | json 'd["Id"]')
check "commit: the image knows its container and its parent" "$(api GET "/images/$I/json" | json 'd["Container"]==sys.argv[1], d["Parent"]==sys.argv[2], d["ContainerConfig"]["Image"]' "$(mc ps -aq --no-trunc -f name=kept)" "$(api GET /images/busybox/json | json 'd["Id"]')" 2>&1 | tail -1)" = "True True busybox"
mkdir "$T/web"; mc create --name exp busybox true >/dev/null; mc export -o "$T/web/r.tar" exp; mc rm exp >/dev/null
W=$(free_port); background python3 -m http.server -b 127.0.0.1 -d "$T/web" "$W" >/dev/null 2>&1; eventually 10 curl -s "http://127.0.0.1:$W/" >/dev/null
U=http://127.0.0.1:$W/r.tar
check "import of a URL: the engine fetches it, and the daemon, also for our client" "$(mc import "$U" url:1 | cut -c1-7) $(code POST "/images/create?fromSrc=$U&repo=url&tag=2") $(mc -H "unix://$S" import -c 'CMD ["echo","3"]' "$U" url:3 | cut -c1-7) $(mc run --rm url:1 echo 1) $(mc run --rm url:2 echo 2) $(mc run --rm url:3)" = "sha256: 200 sha256: 1 2 3"
check "... and says what it met" "$(mc import "$U.no" 2>&1) $(code POST "/images/create?fromSrc=$U.no") $(code POST '/images/create?fromSrc=x.tar')" "~" 'r.tar.no: the server answered 404 500 400'
mc rmi url:1 url:2 url:3 >/dev/null; kill $BG
check "load: a damaged archive is told in the stream" "$(echo abc | code POST /images/load --data-binary @-) $(cat "$T/body")" "~" '^200 .*errorDetail'
mkdir "$T/ctx"; printf 'FROM busybox\nRUN exit 3\n' >"$T/ctx/Dockerfile"; printf 'FROM busybox\nRUN cp /etc/hosts /h\nRUN true\n' >"$T/ctx/ok"; : >"$T/ctx/empty"
build() { q=$1; shift; tar -C "$T/ctx" -c . | code POST "/build?$q" -H 'Content-Type: application/x-tar' --data-binary @-; }
check "build: the step that failed, in docker's words" "$(build '') $(tail -1 "$T/body" | json 'd["errorDetail"]["code"], d["error"]')" = "200 3 The command '/bin/sh -c exit 3' returned a non-zero code: 3"
check "build: an empty file has a status" "$(build dockerfile=empty)" "~" '^[45]'
check "build: two hosts" "$(build 'dockerfile=ok&extrahosts=a.test:127.0.0.1&extrahosts=b.test:127.0.0.2&t=bh') $(mc run --rm bh grep -c 'a.test\|b.test' /h)" = "200 2"
check "build: cache of an image that is not here" "$(build 'dockerfile=ok&extrahosts=a.test:127.0.0.1&extrahosts=b.test:127.0.0.2'; grep -c 'Using cache' "$T/body") $(build 'dockerfile=ok&extrahosts=a.test:127.0.0.1&extrahosts=b.test:127.0.0.2&cachefrom=%5B%22nosuch%22%5D'; grep -c 'Using cache' "$T/body")" = "2002 2000"
check "network: bits behind the prefix are cut off, as docker does" "$(code POST /networks/create -H "$J" -d '{"Name":"six","EnableIPv6":true,"IPAM":{"Config":[{"Subnet":"2001:db8:7::1/64"}]}}') $(api GET /networks/six | json '[c["Subnet"] for c in d["IPAM"]["Config"] if ":" in c["Subnet"]]')" = "201 ['2001:db8:7::/64']"
code POST /networks/create -H "$J" -d '{"Name":"gone"}' >/dev/null; mc run -d --name ing --network gone busybox sleep 100 >/dev/null
check "network: who was disconnected is not shown" "$(api GET /networks/gone | json 'len(d["Containers"])') $(code POST /networks/gone/disconnect -H "$J" -d '{"Container":"ing"}') $(api GET /networks/gone | json 'len(d["Containers"])')" = "1 200 0"
aux() { code POST /networks/create -H "$J" -d '{"Name":"aux","IPAM":{"Config":[{"Subnet":"10.93.7.0/29","AuxiliaryAddresses":'"$1"'}]}}'; }
check "network: addresses kept for other machines lie in it, are shown, and no container gets one" "$(aux '{"a":"10.1.1.1"}') $(aux '{"a":"10.93.7.2","b":"10.93.7.4"}') $(api GET /networks/aux | json 'd["IPAM"]["Options"], d["IPAM"]["Config"][0]["AuxiliaryAddresses"]') $(for i in 1 2 3 4; do mc run -d --network aux --name "aux$i" busybox sleep 100 >/dev/null 2>&1 && mc inspect -f '{{.NetworkSettings.Networks.aux.IPAddress}}' "aux$i" || echo full; done | paste -sd' ') $(mc run --rm --network aux --ip 10.93.7.2 busybox true 2>&1 | grep -c 'already in use')" = "400 201 None {'a': '10.93.7.2', 'b': '10.93.7.4'} 10.93.7.3 10.93.7.5 10.93.7.6 full 1"
mc rm -f aux1 aux2 aux3 aux4 >/dev/null; mc network rm aux >/dev/null
check "endpoint: a driver's options are kept, from create and from connect" "$(code POST '/containers/create?name=opts' -H "$J" -d '{"Image":"busybox","Cmd":["sleep","100"],"HostConfig":{"NetworkMode":"bridge"},"NetworkingConfig":{"EndpointsConfig":{"bridge":{"DriverOpts":{"a.b":"on=1"}}}}}') $(code POST /containers/opts/start) $(code POST /networks/gone/connect -H "$J" -d '{"Container":"opts","EndpointConfig":{"DriverOpts":{"c":"d"}}}') $(api GET /containers/opts/json | json '[d["NetworkSettings"]["Networks"][n]["DriverOpts"] for n in ("bridge","gone")]')" = "201 204 200 [{'a.b': 'on=1'}, {'c': 'd'}]"
mc rm -f opts >/dev/null; mc create --name said busybox echo said >/dev/null; mc start -a said >/dev/null
check "attach to one that has ended, over the whole connection: its log, and the end" "$(python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.settimeout(15); got = b""
s.sendall(b"POST /containers/said/attach?logs=1&stdout=1&stream=0 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n")
while (d := s.recv(4096)): got += d
print(got[-5:])' "$S" 2>&1 | tail -1)" = "b'said\\n'"
mc rm said >/dev/null
mc rm -f ing vol >/dev/null; mc network create fields >/dev/null; mc volume create fields >/dev/null
mc run -d --name fields --network fields -v fields:/data -p "$(free_port):80" --health-cmd true --health-interval 1s -l a=b busybox sleep 1000 >/dev/null; mc exec fields touch /tmp/x
eventually 20 sh -c "curl -s --unix-socket $S http://d/containers/fields/json | grep -q '\"healthy\"'"
check "fields and types of every answer, as the published description has them" "$(python3 "$(dirname "$0")/api-fields.py" "$S" "$(dirname "$0")/api-fields.txt" fields 41 42 43 44 45 46 47 2>&1)" = "checked 224"
mc rm -f fields kept >/dev/null; mc network rm fields >/dev/null; mc volume rm fields >/dev/null; mc network rm six gone >/dev/null

cat >"$T/raw.py" <<'P'
import json, os, socket, struct, sys, threading, time
path = sys.argv[1]
def conn():
    s = socket.socket(socket.AF_UNIX); s.settimeout(20); s.connect(path); return s
def send(s, head, body=b''):
    s.sendall(head.replace('\n', '\r\n').encode() + body)
def until(s, mark):
    d = b''
    while mark not in d:
        more = s.recv(1)
        if not more: break
        d += more
    return d
def rest(s):
    d = b''
    while True:
        more = s.recv(65536)
        if not more: return d
        d += more
def call(method, url, body=None):
    s = conn(); b = json.dumps(body).encode() if body is not None else b''
    send(s, '%s %s HTTP/1.1\nHost: d\nConnection: close\nContent-Type: application/json\nContent-Length: %d\n\n' % (method, url, len(b)), b)
    d = rest(s); head, _, body = d.partition(b'\r\n\r\n')
    return int(head.split()[1]), body
def frames(d):
    out = {1: b'', 2: b''}
    while d:
        kind, n = struct.unpack('>BxxxI', d[:8]); out[kind] += d[8:8 + n]; d = d[8 + n:]
    return out
def hijack(url, body=b''):
    s = conn()
    send(s, 'POST %s HTTP/1.1\nHost: d\nConnection: Upgrade\nUpgrade: tcp\nContent-Type: application/json\nContent-Length: %d\n\n' % (url, len(body)), body)
    head = until(s, b'\r\n\r\n'); assert b' 101 ' in head.split(b'\r\n')[0] + b' ', head
    return s
def check(name, ok, *more): print(('ok' if ok else 'not_ok'), name, *more, sep='|')
def make(name, cmd, **kw):
    c, b = call('POST', '/containers/create?name=' + name, dict(Image='busybox', Cmd=cmd, **kw)); assert c == 201, b

# lists of masked and read-only paths: the request's, also empty ones, instead of the usual
look = 'wc -c </proc/cpuinfo | grep -cx 0; touch /tmp/x 2>/dev/null; echo $?; grep -c " /proc/[a-z]" /proc/mounts'
def masks(n, **host):
    make('masks%d' % n, ['sh', '-c', look], HostConfig=host)
    s = hijack('/containers/masks%d/attach?stream=1&stdout=1' % n); call('POST', '/containers/masks%d/start' % n)
    seen = json.loads(call('GET', '/containers/masks%d/json' % n)[1])['HostConfig']; out = frames(rest(s))[1].split()
    call('DELETE', '/containers/masks%d?force=1' % n)
    return out, seen['MaskedPaths'], seen['ReadonlyPaths']
own = masks(1, MaskedPaths=['/proc/cpuinfo'], ReadonlyPaths=['/tmp']), masks(2, MaskedPaths=[], ReadonlyPaths=['/tmp']), masks(3, MaskedPaths=[], ReadonlyPaths=[])
check('create: lists of masked and read-only paths', own == (([b'1', b'1', b'1'], ['/proc/cpuinfo'], ['/tmp']), ([b'0', b'1', b'0'], [], ['/tmp']), ([b'0', b'0', b'0'], [], [])), own)
# attach before the start: nothing is lost; the end of input is not the end of output
make('echo', ['sh', '-c', 'cat; echo done >&2; exit 4'], OpenStdin=True, StdinOnce=True, AttachStdin=True)
s = hijack('/containers/echo/attach?stream=1&stdin=1&stdout=1&stderr=1')
w = conn(); send(w, 'POST /containers/echo/wait?condition=next-exit HTTP/1.1\nHost: d\n\n')
head = until(w, b'\r\n\r\n')
check('wait: the header comes before the end', b' 200 ' in head)
assert call('POST', '/containers/echo/start')[0] == 204
big = os.urandom(200000)
threading.Thread(target=lambda: (s.sendall(big), s.shutdown(socket.SHUT_WR))).start()
f = frames(rest(s))
check('attach: all bytes both ways, after a half-closed input', f[1] == big and f[2] == b'done\n', len(f[1]))
check('wait: the exit code', b'"StatusCode":4' in until(w, b'}'))
# bytes sent together with the request
make('early', ['cat'], OpenStdin=True, StdinOnce=True, AttachStdin=True)
s = conn(); send(s, 'POST /containers/early/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\nHost: d\nConnection: Upgrade\nUpgrade: tcp\nContent-Length: 0\n\n', b'early\n')
until(s, b'\r\n\r\n'); call('POST', '/containers/early/start'); s.sendall(b'late\n'); s.shutdown(socket.SHUT_WR)
check('attach: bytes sent before 101 are kept', frames(rest(s))[1] == b'early\nlate\n')
# a container that lives for a millisecond
codes = []
for i in range(5):
    make('fast%d' % i, ['sh', '-c', 'echo x; exit %d' % i])
    s = hijack('/containers/fast%d/attach?stream=1&stdout=1' % i)
    w = conn(); send(w, 'POST /containers/fast%d/wait?condition=next-exit HTTP/1.1\nHost: d\n\n' % i); until(w, b'\r\n\r\n')
    call('POST', '/containers/fast%d/start' % i)
    codes.append((frames(rest(s))[1], until(w, b'}')[-3:]))
check('short lives: output and exit code, each time', [c[0] for c in codes] == [b'x\n'] * 5, codes)
c, b = call('POST', '/containers/one/exec', dict(Cmd=['sh', '-c', 'wc -c; sleep 0.2; echo end'], AttachStdin=True, AttachStdout=True))
s = hijack('/exec/%s/start' % json.loads(b)['Id'], b'{}'); s.sendall(b'z' * 70000); s.shutdown(socket.SHUT_WR)
check('exec: half-close', frames(rest(s))[1] == b'70000\nend\n')
c, b = call('POST', '/containers/one/exec', dict(Cmd=['sleep', '77'], AttachStdout=True)); x = json.loads(b)['Id']
s = hijack('/exec/%s/start' % x, b'{}'); found = ''
for _ in range(100):
    seen = json.loads(call('GET', '/exec/%s/json' % x)[1])
    try: found = open('/proc/%d/cmdline' % seen['Pid']).read()
    except OSError: pass
    if seen['Pid'] and 'sleep' in found: break
    time.sleep(0.05)
check('exec: inspect says which process it is', found == 'sleep\0' + '77\0', seen['Pid'], found)
s.close(); seen['Pid'] and os.kill(seen['Pid'], 9)
# the program has a terminal, and the start asks for frames all the same
c, b = call('POST', '/containers/one/exec', dict(Cmd=['printf', 'tty'], Tty=True, AttachStdout=True))
check('exec: frames when the start asks for no terminal', frames(rest(hijack('/exec/%s/start' % json.loads(b)['Id'], b'{"Tty":false}')))[1] == b'tty')
c, b = call('POST', '/containers/one/exec', dict(Cmd=['printf', 'tty'], Tty=True, AttachStdout=True))
check('exec: and raw when it asks for one', rest(hijack('/exec/%s/start' % json.loads(b)['Id'], b'{"Tty":true}')) == b'tty')
# a reader that does not read: the others are served
make('yes', ['yes']); call('POST', '/containers/yes/start')
slow = conn(); send(slow, 'GET /containers/yes/logs?stdout=1&follow=1 HTTP/1.1\nHost: d\n\n')
many = [conn() for _ in range(200)]
for m in many: send(m, 'GET /_ping HTTP/1.1\nHost: d\n\n')
check('200 connections beside a reader that sleeps', all(until(m, b'OK').endswith(b'OK') for m in many))
for m in many: m.close()
many = [conn() for _ in range(200)]
for m in many: send(m, 'GET /containers/json HTTP/1.1\nHost: d\nConnection: close\n\n'); m.shutdown(socket.SHUT_WR)
n = sum(b' 200 ' in rest(m)[:20] for m in many)
check('200 clients that end their sending half early are answered', n == 200, n)
# less body than was announced, and the end of the input: an answer, as docker's daemon gives one
def short(method, path, kind, body):
    s = conn(); send(s, '%s %s HTTP/1.1\nHost: d\nContent-Type: application/%s\n%s\n' % (method, path, kind, body)); s.shutdown(socket.SHUT_WR)
    return rest(s)
said = [short(m, p, k, b) for m, p, k in (('POST', '/containers/create', 'json'), ('POST', '/images/load', 'x-tar'), ('POST', '/build', 'x-tar'), ('PUT', '/containers/one/archive?path=/tmp', 'x-tar'),
    ('POST', '/images/create?fromSrc=-', 'x-tar')) for b in ('Content-Length: 90000\n\n{"Image":', 'Content-Length: 9\n', 'Transfer-Encoding: chunked\n\n3\n{"I')]
check('a short body with an end of the input is answered', all(a.startswith(b'HTTP/1.1 400 ') and b'unexpected EOF' in a for a in said), [a[:15] for a in said])
pid = int(open(sys.argv[2]).read())
rss = lambda: int([l for l in open('/proc/%d/status' % pid) if l.startswith('VmRSS')][0].split()[1])
small = 40000 * (5 if 'ASAN_OPTIONS' in os.environ else 1)  # the sanitizer keeps what was freed
check('memory stays small', rss() < small, rss())
slow.close(); call('POST', '/containers/yes/kill')
# requests that wait and lose their client
for _ in range(20):
    w = conn(); send(w, 'POST /containers/one/wait HTTP/1.1\nHost: d\n\n'); until(w, b'\r\n\r\n'); w.close()
    w = conn(); send(w, 'GET /events HTTP/1.1\nHost: d\n\n'); until(w, b'\r\n\r\n'); w.close()
children = lambda: len(open('/proc/%d/task/%d/children' % (pid, pid)).read().split())
end = time.time() + 5
while children() and time.time() < end: time.sleep(0.1)
check('jobs end with their clients', children() == 0, children())
# what is no request
bad = [b'\x00\x01\x02\r\n\r\n', b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'GET /_ping HTTP/1.1\r\nContent-Length: -5\r\n\r\n',
       b'GET /' + b'a' * 300000 + b' HTTP/1.1\r\n\r\n', b'GET / HTTP/1.1\r\n' + b'X: ' + b'b' * 300000 + b'\r\n\r\n',
       b'POST /containers/create HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n']
for b in bad:
    s = conn()
    try: s.sendall(b); s.settimeout(2); s.recv(1000)
    except OSError: pass
    s.close()
mount = dict(Type='bind', Source='/tmp', Target='/x')
wrong = [('/containers/create', dict(Image='busybox', HostConfig=dict(Mounts=[dict(mount, ReadOnly='yes')]))),
         ('/containers/create', dict(Image='busybox', HostConfig=dict(Mounts=[dict(Type='tmpfs', Target='/x', TmpfsOptions=dict(SizeBytes='1m'))]))),
         ('/containers/create', dict(Image='busybox', Cmd=5)), ('/volumes/create', dict(Name=7)), ('/volumes/create', dict(Name='w', Labels='x')),
         ('/networks/create', dict(Name='w', IPAM=dict(Config='x')))]
told = [call('POST', path, body)[0] for path, body in wrong]
check('a value of a wrong kind is refused, never read as nothing', told == [400] * len(wrong), told)
check('nonsense hurts no one', call('GET', '/_ping')[1] == b'OK')
s = conn(); send(s, 'POST /containers/create HTTP/1.1\nHost: d\nConnection: close\nContent-Type: application/json\nContent-Length: 50000000\n\n')
check('a body of 50 MB is refused by its head', b' 413 ' in until(s, b'\r\n'))
deep = b'[' * 100000
s = conn(); send(s, 'POST /containers/create HTTP/1.1\nHost: d\nConnection: close\nContent-Type: application/json\nContent-Length: %d\n\n' % len(deep), deep)
check('JSON of any depth is refused', b' 400 ' in until(s, b'\r\n'))
check('memory is still small', rss() < small, rss())
P
echo "$DAEMON" >"$T/pid"
python3 "$T/raw.py" "$S" "$T/pid" >"$T/raw.out" 2>"$T/raw.err"
while IFS='|' read -r verdict name more; do
	if [ "$verdict" = ok ]; then ok "$name"; else not_ok "$name" "$more"; fi
done <"$T/raw.out"
check "the raw client came to its end" "$(tail -3 "$T/raw.err")" = ""

kill -USR1 "$DAEMON"; sleep 0.3
X=$(curl -s -D - -o /dev/null --unix-socket "$S" -X POST "http://d/containers/one/restart?t=0" | tr -d '\r' | sed -n 's/^X-Request-Id: //p')
check "debug mode, switched on: the request's id goes down to the system calls" "$(grep -c "^$X .*= 0$" "$T/daemon.log" | grep -vx 0 >/dev/null && grep -c "request $X POST" "$T/daemon.log")" = 1
P1=$(mc inspect -f '{{.State.Pid}}' one)
kill -KILL "$DAEMON"; wait "$DAEMON" 2>/dev/null
check "the daemon is killed: the container runs on" "$(mc inspect -f '{{.State.Pid}} {{.State.Running}}' one)" = "$P1 true"
serve
check "... and the next daemon knows it" "$(api GET /containers/one/json | json 'd["State"]["Pid"], d["State"]["Running"]')" = "$P1 True"
check "... and says so" "$(tail -5 "$T/daemon.log")" "~" 'containers found, 1 run'
(api POST '/containers/one/wait' >"$T/waited") & sleep 0.5
exits 1 "a second daemon on the same socket" "$BIN/minictrd" -H "unix://$S"
kill "$DAEMON"; wait "$DAEMON"; check "SIGTERM: an end in order, also while a request waits" $? = 0
# docker's own socket is one more address, or one more socket of the unit
cat >"$T/pass.py" <<'P'
import os, socket, sys
kept = [socket.socket(socket.AF_UNIX) for _ in sys.argv[2:]]
for s, path in zip(kept, sys.argv[2:]): s.bind(path); s.listen(9)
for i, fd in enumerate([os.dup(s.fileno()) for s in kept]): os.dup2(fd, 20 + i)
for i in range(2): os.dup2(20 + i, 3 + i, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='2'); os.execv(sys.argv[1], ['minictrd', '-H', 'fd://'])
P
both() { for s in "$1" "$2"; do eventually 10 curl -s --unix-socket "$s" http://d/_ping; curl -s --unix-socket "$s" http://d/_ping; done; }
background "$BIN/minictrd" -H "unix://$T/a.sock" -H "unix://$T/docker.sock" 2>/dev/null
check "two addresses at once" "$(both "$T/a.sock" "$T/docker.sock")" = OKOK; kill $BG; wait $BG 2>/dev/null
background python3 "$T/pass.py" "$BIN/minictrd" "$T/b.sock" "$T/c.sock" 2>/dev/null
check "two sockets from systemd" "$(both "$T/b.sock" "$T/c.sock")" = OKOK; kill $BG; wait $BG 2>/dev/null
exits 1 "TCP without certificates" "$BIN/minictrd" -H tcp://127.0.0.1:0
check "... and why" "$(cat "$T/err")" "~" 'needs --tlscacert'
exits 0 "--help" "$BIN/minictrd" --help
plan $N
