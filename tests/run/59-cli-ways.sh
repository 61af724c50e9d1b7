#!/bin/sh
# What people of podman miss, and docker's rarer flags: exists, --all, --replace, --timeout, healthcheck run, --sort, --names,
# --condition, --platform, filters and templates as docker reads them, docker's config.json.
. "$(dirname "$0")/lib.sh"
need_root
starter_images
names() { mc ps -a "$@" --format '{{.Names}}' | tr '\n' ' '; }

exits 1 "container exists: not there" mc container exists web; check "says nothing" "$(cat "$T/out" "$T/err")" = ""
mc run -d --name web -l tier=front -l a.b=c busybox sleep 1000 >/dev/null
mc run -d --name db -l tier=back busybox sleep 1000 >/dev/null
exits 0 "container exists" mc container exists web
exits 0 "image exists" mc image exists busybox; exits 1 "image exists: not there" mc image exists nosuch:1

# filters
check "name is a regular expression" "$(names -f 'name=^we')" = "web "
check "with docker's slash, too" "$(names -f 'name=^/web$')" = "web "
check "labels are and-ed" "$(names -f label=tier=front -f label=a.b)$(names -f label=tier=front -f label=tier=back)" = "web "
check "label!" "$(names -f 'label!=a.b')" = "db "
check "names are alternatives" "$(names -f name=web -f name=db)" = "db web "
check "network" "$(names -f network=bridge | wc -w)" -eq 2
mc tag busybox moved:1; mc create --name old moved:1 true >/dev/null
check "ancestor by name and id" "$(names -f ancestor=moved:1 | wc -w)" -eq 3
mc tag hello moved:1
check "a tag that moved on: the container shows the id" "$(mc ps -a -f name=old --format '{{.Image}}')" = "$(mc inspect -f '{{.Id}}' busybox | cut -c8-19)"
check "and ancestor follows the tag" "$(names -f ancestor=moved:1)" = ""
check "--no-trunc: the whole id" "$(mc ps -a --no-trunc -f name=old --format '{{.Image}}')" = "$(mc inspect -f '{{.Id}}' busybox)"
mc rm old >/dev/null

mc create --name ports --expose 8080 -p 53/udp busybox true >/dev/null
check "expose and publish: a port, a range, a protocol" "$(names -f expose=8080)$(names -f expose=8000-8090/tcp)$(names -f publish=50-60/udp)$(names -f publish=53)$(names -f expose=8081)" = "ports ports ports "
for f in expose=abc publish=80-x expose=90-80 publish=70000; do exits 1 "a filter that is no port: $f" mc ps -f $f; done
mc rm ports >/dev/null
# templates of streams and lists
check "a missing label is <no value>" "$(mc inspect -f '{{.Config.Labels.nosuch}}|{{index .Config.Labels "tier"}}' web)" = "<no value>|front"
check "events go on over one without the attribute" "$(mc events --since 1h --until 0s -f type=container -f event=start --format '{{.Actor.Attributes.nosuch}}{{.Action}}' | sort -u)" = "<no value>start"
# Fields that docker's types have, whatever the document says; what Go prints for an empty one.
mc create --name bare busybox true >/dev/null
check "empty fields print as their types do" "$(mc inspect -f '{{.Config.Entrypoint}} {{.Config.Volumes}} {{.Config.ExposedPorts}} {{.Config.Healthcheck}} {{.HostConfig.Binds}} {{.HostConfig.Tmpfs}} {{.SizeRw}}' bare)" = "[] map[] map[] <nil> [] map[] <nil>"
check "a container without a health check" "$(mc inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}' bare)" = none
check "an image's fields, too" "$(mc image inspect -f '{{.Config.Entrypoint}}{{.Config.Labels}}{{.Config.User}}{{.Config.Tty}}{{.Variant}} {{.GraphDriver.Name}}' busybox)" = "[]map[]false overlay2"
check "len, range and json of them" "$(mc inspect -f '{{len .HostConfig.Binds}}{{range .Config.Volumes}}x{{end}} {{json .Config.ExposedPorts}}' bare)" = "0 null"
check "nested: {} and <nil>" "$(mc create --name vol -v /data busybox true >/dev/null; mc inspect -f '{{.Config.Volumes}}' vol)" = "map[/data:{}]"
mc create --name struct -v /tmp:/t:ro --restart on-failure:3 busybox true >/dev/null
check "what was not asked for is no number" "$(mc inspect -f '{{.HostConfig.PidsLimit}} {{.HostConfig.Init}} {{json .HostConfig.PidsLimit}} {{json .HostConfig.Init}}' bare)" = "<nil> <nil> null null"
check "ps -f is-task: none is one" "$(mc ps -aq -f is-task=true | wc -l; mc ps -aq -f is-task=false -f name=bare | wc -l)" = "0
1"
mc ps -f is-task=x >/dev/null 2>"$T/err"; check "... and another word is none" "$? $(cat "$T/err")" "~" "^1 .*invalid filter 'is-task=x'"
mc run -d --network none --name slow busybox sleep 100 >/dev/null; mc run -d --init --network none --name fast busybox sleep 100 >/dev/null
check "stop says names in the order in which they were given" "$(mc stop -t 1 slow fast | paste -sd' ')" = "slow fast"; mc rm -f slow fast >/dev/null
check "a struct prints its values in the order of its fields" "$(mc inspect -f '{{.HostConfig.RestartPolicy}} {{.HostConfig.LogConfig}} {{.Mounts}}' struct)" = "{on-failure 3} {json-file map[]} [{bind  /tmp /t  ro false rprivate}]"
mc rm struct >/dev/null
exits 1 "a field that no type has" mc inspect -f '{{.Config.Nosuch}}' bare
check "info: the version of cgroups is 1 or 2" "$(mc info -f '{{.CgroupVersion}}' 2>/dev/null)" "~" '^[12]$'
check "info: what scripts ask docker for" "$(mc info -f '{{.Swarm.LocalNodeState}} {{.LoggingDriver}} {{.DockerRootDir}}' 2>/dev/null)" = "inactive json-file $MINICTR_ROOT"
check "commit is an event" "$(mc commit web kept:1 >/dev/null; mc rmi kept:1 >/dev/null; mc events --since 1m --until 0s -f event=commit --format '{{.Actor.Attributes.name}}')" = web
check "rm -f of nothing names nothing on stdout" "$(mc rm -f nosuch 2>/dev/null; echo $?)" = 0
mc tag nosuch x 2>"$T/err"; check "an image that is not here has its tag in the message" "$(cat "$T/err")" = "minictr: No such image: nosuch:latest"
mc rm bare vol >/dev/null
exits 64 "inspect: a template that is none" mc inspect -f '{{' web
exits 64 "events: the same, before anything is read" mc events --format '{{nosuch .}}'
exits 1 "lists: docker's 1" mc ps --format '{{'
check "heads are the template over the titles" "$(mc ps --format 'table {{.ID}}: {{upper .Names}}\t{{.Label "a.b"}}' | head -1)" "~" '^CONTAINER ID: NAMES  *b$'
check "raw" "$(mc ps -f name=web --format raw | sed -n '/^container_id: [0-9a-f]\{12\}$/p; /^names: web$/p; /^labels: .*tier=front/p' | wc -l)" -eq 3
check "raw: an empty value has no blank" "$(mc ps -f name=db --format raw -s | sed -n '/^ports/p; /^size/p' | tr '\n' '|')" "~" '^ports:[|]size: [0-9.kMB]+ .virtual [0-9.]+[kM]B.[|]$'
check "a template with .Size asks for sizes" "$(mc ps -f name=db --format '{{.Size}}')" "~" '^[0-9.kMB]+ .virtual '
check "--init=false is false, and not nothing" "$(mc create --name said --init=false busybox true >/dev/null; mc inspect -f '{{.HostConfig.Init}}' said; mc rm said >/dev/null)" = false
check "-u +5:+7: Go's numbers" "$(mc run --rm -u +5:+7 busybox id) $(mc exec -u +5 web id -u)" "~" '^uid=5.* gid=7.* 5$'
mc tag busybox two:a; mc tag busybox two:b
# --- a result's file that is no regular file is written to: root's `save -o /dev/null` must not replace the host's ---
mknod "$T/null" c 1 3; ln -s "$T/behind" "$T/link"; mc volume create outv >/dev/null; mc create --name outc busybox >/dev/null; mkdir -p "$T/outctx"; printf 'FROM busybox\nRUN true\n' >"$T/outctx/Dockerfile"
for c in "save -o $T/null busybox" "export -o $T/null outc" "volume export -o $T/null outv" "build -q --iidfile $T/null $T/outctx" "build -q --metadata-file $T/null $T/outctx" "explain --html $T/null run --rm busybox true" "explain --svg $T/null run --rm busybox true" "explain --record $T/null run --rm busybox true"; do
	exits 0 "a device as the file of: ${c%% /*}" mc $c
	check "... is still a device" "$(stat -c %F "$T/null")" = "character special file"
done
for c in "save -o $T/link busybox" "volume export -o $T/link outv" "build -q --iidfile $T/link $T/outctx"; do
	rm -f "$T/behind"; mc $c >/dev/null 2>&1
	check "a link is written through: ${c%% /*}" "$(stat -c %F "$T/link") $([ -s "$T/behind" ] && echo filled)" = "symbolic link filled"
done
mc rm outc >/dev/null; mc volume rm outv >/dev/null; mc image prune -f >/dev/null
check "save -o /dev/stdout" "$(mc save -o /dev/stdout busybox | tar -t | grep -c manifest.json) $(stat -c %F /dev/stdout)" = "1 symbolic link"
check "a failed save leaves the older file and no other" "$(echo old >"$T/outctx/a.tar"; mc save -o "$T/outctx/a.tar" nosuchimage 2>/dev/null; cat "$T/outctx/a.tar"; ls "$T/outctx")" = "$(printf 'old\nDockerfile\na.tar')"
for p in '[' 'a[b' '[]x' '[!' 'a\'; do exits 1 "images -f reference=$p is no pattern" mc images -f "reference=$p"; done
check "images -f reference: only the tags that fit" "$(mc images -f 'reference=two:*' --format '{{.Repository}}:{{.Tag}}' | sort | tr '\n' ' ') $(mc images -f reference=two:b -f reference=busybox --format '{{.Tag}}' | sort | tr '\n' ' ')" = "two:a two:b  b latest "
check "ps: a tag that was taken away is the id" "$(mc create --name aged two:a true >/dev/null; mc ps -a -f name=aged --format '{{.Image}}'; mc rmi -f two:a two:b >/dev/null; mc ps -a -f name=aged --format '{{.Image}}'; mc rm aged >/dev/null)" = "two:a
$(mc images -q busybox)"
check "raw of images" "$(mc images --format raw busybox | sed -n '1,2p' | tr '\n' ' ')" = "repository: busybox tag: latest "

# order, logs
check "ps --sort names" "$(mc ps --sort names --format '{{.Names}}' | tr '\n' ' ')" = "db web "
mc run --name said busybox sh -c 'echo one; echo two' >/dev/null; mc run --name told busybox echo three >/dev/null
check "logs of several, with names" "$(mc logs --names said told | tr '\n' ' ')" = "said one said two told three "
check "logs --details" "$(mc logs --details told)" = " three"
exits 1 "logs -f of two" mc logs -f said told

# wait
check "wait --condition exited" "$(mc wait --condition exited said)" = "0"
check "wait --condition running: it has not ended" "$(mc wait --condition running web)" = "-1"
mc pause web >/dev/null; check "of several conditions any" "$(timeout 5 "$BIN/minictr" wait -i 50ms --condition healthy --condition paused web)" = "-1"
check "unpause --all thaws what is frozen" "$(mc unpause --all)" = "web"
exits 1 "wait of what is not there" mc wait --condition running nosuch

# replace, timeout
old=$(mc ps -q --no-trunc -f name=web)
exits 125 "--replace with a word that is wrong takes nothing away" mc run -d --replace --name web --pid nosuch busybox true
check "the old one is there" "$(mc ps -q --no-trunc -f name=web)" = "$old"
new=$(mc run -d --replace --name web busybox sleep 1000)
check "--replace" "$(mc ps -q --no-trunc -f name=web)" = "$new"; check "it is another one" "$new" != "$old"
exits 0 "--replace of a name that is free" mc create --replace --name fresh busybox true
exits 125 "--replace without a name" mc run --replace busybox true
exits 137 "--timeout kills" timeout 10 "$BIN/minictr" run --rm --timeout 1 busybox sleep 100
exits 3 "--timeout of one that ends before" mc run --rm --timeout 5 busybox sh -c 'exit 3'

# health
mc run -d --name well --health-cmd 'test ! -e /ill' --health-interval 1h busybox sleep 1000 >/dev/null
exits 0 "healthcheck run: well" mc healthcheck run well
check "is recorded" "$(mc inspect -f '{{.State.Health.Status}}' well)" = "healthy"
mc exec well touch /ill; exits 1 "healthcheck run: not well" mc healthcheck run well; check "one word" "$(cat "$T/out")" = "unhealthy"
exits 125 "one without a check" mc healthcheck run web
exits 125 "one that does not run" mc healthcheck run said

# --platform of verbs on images that are here
here=$(mc inspect -f '{{.Os}}/{{.Architecture}}' busybox)
exits 0 "history --platform of this machine" mc history -q --platform "$here" busybox
exits 1 "inspect --platform of another" mc inspect --platform linux/s390x busybox
for v in history rmi "save -o $T/x.tar"; do exits 125 "$v --platform of another" mc $v --platform linux/s390x busybox; done
check "nothing was saved or removed" "$(ls "$T/x.tar" 2>/dev/null; mc images -q busybox | wc -l)" = "1"
printf 'FROM\n' >"$T/f"; tar -cf "$T/f.tar" -C "$T" f
id=$(mc import -c 'HEALTHCHECK --interval=5s --retries=2 CMD ["true","x"]' -c 'EXPOSE 80 53/udp' "$T/f.tar" made:1)
check "import -c HEALTHCHECK" "$(mc inspect -f '{{json .Config.Healthcheck}} {{json .Config.ExposedPorts}}' made:1)" = '{"Interval":5000000000,"Retries":2,"Test":["CMD","true","x"]} {"80/tcp":{},"53/udp":{}}'

# docker's config.json
mkdir "$T/conf"; echo '{"psFormat":"table {{.Names}}|x","imagesFormat":"{{.Repository}}"}' >"$T/conf/config.json"
check "psFormat" "$(DOCKER_CONFIG=$T/conf mc ps | head -1)" = "NAMES|x"
check "--config" "$("$BIN/minictr" --config "$T/conf" images | sort | head -1)" = "busybox"
check "--format wins" "$(DOCKER_CONFIG=$T/conf mc ps -f name=web --format '{{.Names}}')" = "web"
check "-q wins" "$(DOCKER_CONFIG=$T/conf mc ps -q -f name=web)" = "$(echo "$new" | cut -c1-12)"
echo '{' >"$T/conf/config.json"; exits 0 "a damaged one is no error" mc --config "$T/conf" ps; check "but told" "$(cat "$T/err")" "~" "docker's configuration is not used"
check "--log-level error drops warnings" "$(mc --log-level error --config "$T/conf" ps 2>&1 >/dev/null)" = ""

# env files: a byte order mark, Windows line ends, no newline at the end; what cannot be kept is refused with its line
printf '\357\273\277FIRST=1\r\n# no\n\n  SECOND=two words\nOWN\nLAST=x' >"$T/env"
check "env file" "$(OWN=mine mc run --rm --env-file "$T/env" busybox sh -c 'echo "$FIRST,$SECOND,$OWN,$LAST"')" = "1,two words,mine,x"
check "-e wins over a file" "$(mc run --rm -e FIRST=2 --env-file "$T/env" busybox sh -c 'echo $FIRST')" = "2"
refuses_env() { exits 125 "env file: $1" mc run --rm --env-file "$T/bad" busybox true; check "names the line" "$(cat "$T/err")" "~" "$T/bad:2: "; }
printf 'A=1\nB=x\000y\n' >"$T/bad"; refuses_env "a NUL"
printf 'A=1\n=x\n' >"$T/bad"; refuses_env "no name"
printf 'A=1\nB C=x\n' >"$T/bad"; refuses_env "a blank in the name"
printf 'A=1\nB=\377\n' >"$T/bad"; refuses_env "not UTF-8"
{ echo A=1; printf 'B='; head -c 140000 /dev/zero | tr '\0' x; echo; } >"$T/bad"; refuses_env "longer than execve takes"
{ printf 'B='; head -c 100000 /dev/zero | tr '\0' x; echo; } >"$T/long"; check "a long line is kept whole" "$(mc run --rm --env-file "$T/long" busybox sh -c 'echo ${#B}')" = "100000"
printf '\357\273\277tier=file\n' >"$T/labels"; id=$(mc create --label-file "$T/labels" busybox true); check "label file" "$(mc inspect -f '{{.Config.Labels.tier}}' "$id")" = "file"; mc rm "$id" >/dev/null

# mounts as docker reads them
mkdir "$T/a,b"; echo here >"$T/a,b/f"
check "--mount is CSV: a quoted path with a comma" "$(mc run --rm --mount "type=bind,\"src=$T/a,b\",dst=/m,readonly=1" busybox sh -c 'cat /m/f; touch /m/x 2>/dev/null || echo ro')" = "here
ro"
check "readonly=false is writable" "$(mc run --rm --mount "type=bind,\"src=$T/a,b\",dst=/m,readonly=false" busybox sh -c 'touch /m/x && echo rw')" = "rw"
check "tmpfs-mode and tmpfs-size" "$(mc run --rm --mount type=tmpfs,dst=/m,tmpfs-mode=0700,tmpfs-size=1m busybox sh -c 'stat -c %a /m; df -k /m | tail -1 | tr -s " " | cut -d" " -f2' | tr '\n' ' ')" = "700 1024 "
mkdir "$T/rel"; echo near >"$T/rel/f"; check "-v ./dir is taken from here" "$(cd "$T" && mc run --rm -v ./rel:/m busybox cat /m/f)" = "near"
check "--mount src=./dir, too" "$(cd "$T" && mc run --rm --mount type=bind,src=./rel,dst=/m busybox cat /m/f)" = "near"
for two in "-v $T/rel:/x -v $T:/x/" "-v $T/rel:/x --tmpfs /x" "--tmpfs /x --mount type=tmpfs,dst=/x"; do
	exits 125 "two mounts on one place" mc run --rm $two busybox true; check "say both" "$(cat "$T/err" | tr '\n' ' ')" "~" 'Duplicate mount point: .*and by'
done
mc run -d --name donor --ipc shareable busybox sleep 1000 >/dev/null
exits 0 "--ipc container: of a shareable one" mc run --rm --ipc container:donor busybox true
exits 125 "--ipc container: of a private one" mc run --rm --ipc container:web busybox true; check "says what to do" "$(cat "$T/err")" "~" 'ipc shareable'
mc rm -f donor >/dev/null

# all
exits 125 "--all and names" mc stop --all web
exits 1 "neither" mc stop
check "stop --all" "$(mc stop -t 0 --all | sort | tr '\n' ' ')" = "db web well "
check "start, kill --all" "$(mc start web >/dev/null; mc kill -a)" = "web"
mc wait web >/dev/null
check "rm --all" "$(mc rm --all | wc -l)" -eq 6
check "nothing is left" "$(mc ps -aq)" = ""
plan "$N"
