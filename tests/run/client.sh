# client.sh - the everyday commands of `minictr -H`, asked of one daemon. Sourced by 90-client-dockerd.sh and its like:
# $D is the daemon's address (unix://...), images busybox is there. The same lines hold for every daemon.
far() { "$BIN/minictr" -H "$D" "$@"; }
tty() { python3 "$(dirname "$0")/terminal.py" "$@"; }

client_containers() {
	check "run: output" "$(far run --rm busybox echo hello)" = hello
	exits 3 "run: exit status, and the streams apart" far run --rm busybox sh -c 'echo out; echo err >&2; exit 3'
	check "... each stream in its place" "$(cat "$T/out") $(cat "$T/err")" = "out err"
	check "run -i: input ends, output comes" "$(printf 'a\nb\n' | far run -i --rm busybox wc -l)" = 2
	check "a megabyte both ways" "$(head -c 1000000 /dev/zero | far run -i --rm busybox cat | wc -c)" = 1000000
	exits 127 "run: no such program" far run --rm busybox /nosuch
	exits 126 "run: not executable" far run --rm busybox /etc
	check "nothing is left of --rm" "$(far ps -aq)" = ""
	id=$(V=own far run -d --name web -e V -e W=2 -l color=red --memory 64m -v "$T:/host:ro" -v data:/data busybox \
		sh -c 'echo started; echo oops >&2; trap "exit 5" TERM; while :; do sleep 0.1; done')
	check "run -d prints the id" "$id" "~" '^[0-9a-f]{64}$'
	check "ps shows it" "$(far ps --format '{{.Names}} {{.Image}} {{.State}}')" = "web busybox running"
	check "ps --filter" "$(far ps -q --no-trunc --filter label=color=red --filter name=we)" = "$id"
	check "ps --filter, no match" "$(far ps -q --filter label=color=blue)" = ""
	check "inspect: what was asked for" "$(far inspect -f '{{.HostConfig.Memory}} {{.Config.Labels.color}} {{json .Config.Env}}' web)" "~" '^67108864 red .*"V=own"'
	check "logs keep the streams apart" "$(far logs web 2>/dev/null)" = started
	check "logs --tail -t" "$(far logs -t --tail 1 web 2>&1)" "~" '^20[0-9-]+T[0-9:.]+Z '
	exits 4 "exec: exit status" far exec -w /tmp web sh -c 'pwd; echo $W; exit 4'
	check "exec: directory and variables" "$(tr '\n' ' ' <"$T/out")" = "/tmp 2 "
	check "exec -i: half a connection is closed" "$(echo typed | far exec -i web cat)" = typed
	exits 0 "exec -d" far exec -d web touch /tmp/mark
	eventually 5 far exec web test -e /tmp/mark && ok "... it ran" || not_ok "... it ran"
	check "top" "$(far top web -o pid,comm | sed -n 1p)" "~" '^PID +COMMAND'
	check "stats" "$(far stats --no-stream --format '{{.Name}} {{.MemUsage}}' web)" "~" '^web [0-9.]+[KM]iB / 64MiB'
	check "pause, unpause" "$(far pause web && far ps --format '{{.State}}' && far unpause web | tr '\n' ' ')" "~" paused
	exits 0 "update" far update --memory 80m --memory-swap 160m web
	exits 0 "rename" far rename web site
	check "stop by the program's own handler" "$(far stop site && far inspect -f '{{.State.ExitCode}}' site | tr '\n' ' ')" "~" '5'
	check "wait: the code of one that has ended" "$(far wait site)" = 5
	exits 0 "start" far start site
	exits 0 "restart -t 0" far restart -t 0 site
	exits 1 "rm of a running one is refused" far rm site
	exits 0 "kill" far kill site
	far wait site >/dev/null
	check "several names, one of them wrong" "$(far rm site nosuch 2>&1)" "~" 'No such container: nosuch'
	exits 1 "inspect: nothing of that name" far inspect nosuch
	far create --name once busybox sh -c 'echo again; exit 7' >/dev/null
	exits 7 "start -a" far start -a once
	check "... with its output" "$(cat "$T/out")" = again
	far rm once >/dev/null
	check "events tell what happened" "$(far events --since 300s --until 0s --filter container=once --format '{{.Action}}' | tr '\n' ' ')" "~" 'create .*start .*die .*destroy'
}

client_terminals() {
	check "run -it: a terminal of this size" "$(tty 33 99 'expect:#' 'send:stty size; exit 6\n' -- "$BIN/minictr" -H "$D" run -it --rm busybox sh)" "~" '33 99'
	far run -dit --name talk busybox cat >/dev/null
	check "attach, and the keys that detach" "$(tty 24 80 'sleep:0.5' 'send:hi\n' 'expect:hi' 'send:\x10\x11' -- "$BIN/minictr" -H "$D" attach talk)" "~" hi
	check "... it runs on" "$(far ps --format '{{.Names}}')" = talk
	check "exec -it: resized while it runs" "$(tty 24 80 'expect:#' 'size:30x70' 'sleep:0.7' 'send:stty size; exit\n' 'expect:30 70' -- "$BIN/minictr" -H "$D" exec -it talk sh)" "~" '30 70'
	far rm -f talk >/dev/null
	"$BIN/minictr" -H "$D" run --rm --name sig busybox sh -c 'trap "exit 9" USR1; echo up; while :; do sleep 0.1; done' >"$T/sig" & signalled=$!
	eventually 10 grep -q up "$T/sig"
	kill -USR1 $signalled; wait $signalled
	check "a signal to us is a signal to the program" $? = 9
}

client_files() {
	mkdir -p "$T/in/sub"; echo one >"$T/in/one"; echo two >"$T/in/sub/two"; ln -s one "$T/in/link"
	far create --name box busybox true >/dev/null
	exits 0 "cp: a directory into it" far cp "$T/in" box:/tmp
	exits 0 "cp: a file under another name" far cp "$T/in/one" box:/tmp/renamed
	exits 0 "cp: content only, out of it" far cp box:/tmp/in/. "$T/out.d"
	check "... all of it" "$(cd "$T/out.d" && find . | sort | tr '\n' ' ')$(cat "$T/out.d/sub/two") $(readlink "$T/out.d/link")" = ". ./link ./one ./sub ./sub/two two one"
	check "cp to a pipe" "$(far cp box:/tmp/renamed - | tar xO)" = one
	check "cp from a pipe" "$(tar c -C "$T/in" one | far cp - box:/root && far cp box:/root/one - | tar xO)" = one
	exits 1 "cp: not there" far cp box:/nosuch "$T"
	check "... says which" "$(cat "$T/err")" "~" 'Could not find the file /nosuch in container box'
	exits 1 "cp: no such container" far cp nosuch:/x "$T"
	check "diff" "$(far diff box | grep -c '^A /tmp/in')" = 5
	check "export" "$(far export box | tar t 2>/dev/null | grep -c '^tmp/in/sub/two$')" = 1
	check "commit" "$(far commit -m word box made:1)" "~" '^sha256:'
	check "history has the word" "$(far history --format '{{.Comment}}' made:1 | head -1)" = word
	far rm box >/dev/null
	exits 0 "save" far save -o "$T/made.tar" made:1
	check "tag, rmi" "$(far tag made:1 other:2 && far rmi other:2)" = "Untagged: other:2"
	far rmi made:1 >/dev/null
	check "load" "$(far load -i "$T/made.tar")" = "Loaded image: made:1"
	check "images" "$(far images --format '{{.Repository}}:{{.Tag}}' made)" = made:1
	check "import" "$(far export "$(far create made:1 true)" | far import -c 'CMD ["echo","imported"]' - imp:1 >/dev/null && far run --rm imp:1)" = imported
	far container prune -f >/dev/null
	mkdir -p "$T/ctx"; printf 'FROM busybox\nARG V\nRUN echo $V >/v\nCOPY . /c\n' >"$T/ctx/Dockerfile"; echo x >"$T/ctx/kept"; echo y >"$T/ctx/secret"
	echo secret >"$T/ctx/.dockerignore"
	exits 0 "build" far build -t built --build-arg V=77 "$T/ctx"
	check "... with its argument, without what is ignored" "$(far run --rm built sh -c 'cat /v; ls /c' | tr '\n' ' ')" = "77 Dockerfile kept "
	check "build -q, Dockerfile from elsewhere" "$(printf 'FROM busybox\nCOPY kept /k\n' | far build -q -f - "$T/ctx")" "~" '^sha256:[0-9a-f]{64}$'
	printf 'FROM busybox\nRUN exit 9\n' >"$T/ctx/Dockerfile"
	exits 9 "build: a step's failure is the exit status" far build "$T/ctx"
}

client_parts() {
	exits 0 "network create" far network create --subnet 10.88.7.0/24 --label a=b back
	check "network ls" "$(far network ls --filter label=a=b --format '{{.Name}} {{.Driver}}')" = "back bridge"
	far run -d --name db --network back --network-alias store busybox sleep 100 >/dev/null
	check "names are found in it" "$(far run --rm --network back busybox ping -c1 -W3 store | sed -n 's/.*(\([0-9.]*\)).*/\1/p' | sed 1q)" = 10.88.7.2
	check "network inspect" "$(far network inspect -f '{{range .Containers}}{{.Name}}{{end}}' back)" = db
	exits 0 "network disconnect" far network disconnect back db
	exits 0 "network connect" far network connect --alias again back db
	far rm -f db >/dev/null
	exits 0 "network rm" far network rm back
	check "volume create, ls, inspect, rm" "$(far volume create --label x=y mine; far volume ls -q --filter label=x=y; far volume inspect -f '{{.Labels.x}}' mine; far volume rm mine)" = "mine
mine
y
mine"
	check "run --mount: what a volume is made of reaches the daemon" "$(far run --rm --mount type=volume,dst=/x,volume-opt=type=tmpfs,volume-opt=device=tmpfs busybox mount | grep -c '^tmpfs on /x ')" = 1
	far volume rm data >/dev/null 2>&1
	check "published ports" "$(far run -d --name pub -p 127.0.0.1:0:80 busybox sleep 100 >/dev/null; far port pub 80)" "~" '^127.0.0.1:[0-9]+$'
	far rm -f pub >/dev/null
	check "version names both sides" "$(far version --format '{{.Client.Version}} {{.Server.ApiVersion}}')" "~" '^[0-9.]+ 1\.[0-9]+$'
	check "info" "$(far info --format '{{.OSType}}')" = linux
	check "system df" "$(far system df --format '{{.Type}}' | head -2 | tr '\n' ' ')" = "Images Containers "
	exits 0 "system prune" far system prune -f
	mkdir -p "$T/creds"; printf '{"auths":{"r.example:5000":{"auth":"YTpi"}}}' >"$T/creds/config.json"
	check "logout: the client's own file" "$(DOCKER_CONFIG=$T/creds far logout r.example:5000 >/dev/null 2>&1; echo $? $(grep -c r.example "$T/creds/config.json"))" = "0 0"
	exits 1 "what only this machine can" far compose ps
	check "... says so" "$(cat "$T/err")" "~" 'this machine only, and -H names a daemon'
}
