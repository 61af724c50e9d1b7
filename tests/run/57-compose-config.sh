#!/bin/sh
# 57-compose-config.sh - `compose config` prints the model that docker compose 2.26 prints for the same files: as JSON, as YAML, with
# its --no-... flags. What is expected was printed by that version; where it is installed, it is asked again.
. "$(dirname "$0")/lib.sh"
command -v jq >/dev/null 2>&1 || { echo "1..0 # SKIP no jq"; exit 0; }
mkdir -p "$T/p/sub"; cd "$T/p" || exit 1
peer=${COMPOSE_PEER:-/usr/libexec/docker/cli-plugins/docker-compose}
dc() { "$BIN/minictr" compose "$@"; }
cat >base.yaml <<'END'
name: Whole
services:
  web:
    image: nginx
    container_name: ${COMPOSE_PROJECT_NAME}-web
    command: []
    build: {args: [GIVEN, ABSENT, A=1], additional_contexts: {lib: ./lib, base: "docker-image://alpine"}, labels: [plain]}
    ports: ["9080:80", "9080:80", "5000"]
    expose: []
    privileged: false
    read_only: false
    init: false
    links: [db]
    labels: [empty, full=1]
    annotations: {none: }
    sysctls: {net.core.somaxconn: }
    devices: ["/dev/null:/dev/zero", "/dev/full:/dev/full:r"]
    extra_hosts: ["zulu:10.0.0.2", "alpha=10.0.0.1,10.0.0.3", "six:[::1]"]
    dns: ${NOWHERE}
    mem_swappiness: 60
    volumes:
      - {type: bind, source: sub, target: /data/}
      - {type: tmpfs, target: /t, tmpfs: {size: 0}}
      - cache:/cache
    secrets: [{source: key, mode: 0440}]
    configs: [{source: conf, mode: 0400}]
    deploy: {replicas: 0, update_config: {monitor: 60s}, resources: {reservations: {devices: [{capabilities: [gpu], count: all}, {capabilities: [gpu]}]}}}
    develop: {watch: [{path: ./sub, action: rebuild}]}
    depends_on: {gone: {condition: service_started, required: false}}
    healthcheck: {test: [CMD, "true"], x-why: none}
    pull_policy: if_not_present
    environment: {INHERITED: , EMPTY: ""}
    x-note: [1]
  gone: {image: gone, profiles: [off]}
  db: {image: "db", volumes_from: [store], network_mode: none}
  store: {image: store, environment: [A=1], env_file: [{path: no.env, required: false}]}
secrets: {key: {file: ./key}, unused: {file: ./other}}
configs: {conf: {content: "x\n"}}
volumes: {cache: , unused: }
networks: {unused: {internal: true}}
x-top: {a: 1}
END
cat >over.yaml <<'END'
services:
  web:
    build: {target: last}
    ports: !override ["81:81"]
    labels: !reset []
    environment: [B=2]
    links: !reset null
    command: run it
END
cat >web.json <<'END'
{"annotations":{"none":""},"build":{"additional_contexts":{"base":"docker-image://alpine","lib":"@/lib"},"args":{"A":"1","GIVEN":"yes"},"context":"@","dockerfile":"Dockerfile","labels":{"plain":""}},"command":[],"configs":[{"mode":256,"source":"conf"}],"container_name":"whole-web","depends_on":{"db":{"condition":"service_started","required":true,"restart":true},"gone":{"condition":"service_started","required":false}},"deploy":{"placement":{},"replicas":0,"resources":{"reservations":{"devices":[{"capabilities":["gpu"],"count":-1},{"capabilities":["gpu"],"count":-1}]}},"update_config":{"monitor":"1m0s"}},"develop":{"watch":[{"action":"rebuild","exec":{"command":null},"path":"@/sub"}]},"devices":[{"permissions":"rwm","source":"/dev/null","target":"/dev/zero"},{"permissions":"r","source":"/dev/full","target":"/dev/full"}],"entrypoint":null,"environment":{"EMPTY":"","INHERITED":null},"extra_hosts":["alpha=10.0.0.1","alpha=10.0.0.3","six=::1","zulu=10.0.0.2"],"healthcheck":{"test":["CMD","true"]},"image":"nginx","init":false,"labels":{"empty":"","full":"1"},"links":["db"],"mem_swappiness":"60","networks":{"default":null},"ports":[{"mode":"ingress","protocol":"tcp","published":"9080","target":80},{"mode":"ingress","protocol":"tcp","target":5000}],"pull_policy":"missing","secrets":[{"mode":288,"source":"key","target":"/run/secrets/key"}],"sysctls":{"net.core.somaxconn":""},"volumes":[{"source":"@/sub","target":"/data","type":"bind"},{"target":"/t","tmpfs":{},"type":"tmpfs"},{"source":"cache","target":"/cache","type":"volume","volume":{}}]}
END
cat >rest.json <<'END'
{"configs":{"conf":{"content":"x\n","name":"whole_conf"}},"name":"whole","networks":{"default":{"ipam":{},"name":"whole_default"}},"secrets":{"key":{"file":"@/key","name":"whole_key"}},"services":{"db":{"command":null,"depends_on":{"store":{"condition":"service_started","required":true}},"entrypoint":null,"image":"db","network_mode":"none","volumes_from":["store"]},"store":{"command":null,"entrypoint":null,"environment":{"A":"1"},"image":"store","networks":{"default":null}}},"volumes":{"cache":{"name":"whole_cache"}},"x-top":{"a":1}}
END
GIVEN=yes; export GIVEN
q='del(.services.web)'
ours() { "$BIN/minictr" compose "$@" 2>/dev/null; }
theirs() { "$peer" "$@" 2>/dev/null; }
same() {  # NAME EXPECTED FILTER ARGUMENTS...
	name=$1 want=$2 filter=$3; shift 3
	check "$name" "$(ours "$@" | jq -cS "$filter" | sed "s,$T/p,@,g")" = "$want"
	[ ! -x "$peer" ] || check "... as docker compose here" "$(theirs "$@" | jq -cS "$filter" | sed "s,$T/p,@,g")" = "$want"
}
n=36; [ ! -x "$peer" ] || n=$((n + 9)); plan $n
same "a service, every default in its place" "$(cat web.json)" .services.web -f base.yaml config --format json
same "what nothing uses is left out" "$(cat rest.json)" "$q" -f base.yaml config --format json
same "a second file: merged, replaced, reset" '{"build":"last","command":["run","it"],"env":{"B":"2","EMPTY":"","INHERITED":null},"labels":null,"links":null,"ports":["81"]}' \
	'.services.web | {build: .build.target, command, env: .environment, labels, links, ports: [.ports[].published]}' -f base.yaml -f over.yaml config --format json
same "--no-path-resolution" '[".","./lib","sub","./sub","./key"]' '[.services.web.build.context, .services.web.build.additional_contexts.lib, .services.web.volumes[0].source, .services.web.develop.watch[0].path, .secrets.key.file]' \
	-f base.yaml config --no-path-resolution --format json
same "--no-normalize: no names, no default network, no implied dependency" '[null,null,["gone"],null]' '[.networks, .volumes.cache.name, (.services.web.depends_on | keys), .services.web.build.dockerfile]' \
	-f base.yaml config --no-normalize --format json
same "--no-interpolate: variables stay, and nothing is left out" '["${COMPOSE_PROJECT_NAME}-web",["${NOWHERE}"],["empty","full=1"],["cache","unused"]]' \
	'[.services.web.container_name, .services.web.dns, .services.web.labels, (.volumes | keys)]' -f base.yaml config --no-interpolate --format json
printf 'services:\n  a: {image: x, ports: ["${P}:80"], deploy: {replicas: "${N}"}, mem_limit: "${M}", healthcheck: {interval: "${I}"}, user: "${U:?must}", init: "${B}"}\n' >vars.yaml
same "... also where a number, a size, a time is wanted" '["${N}","${M}","${I}","${U:?must}","${B}"]' '.services.a | [.deploy.replicas, .mem_limit, .healthcheck.interval, .user, .init]' -f vars.yaml config --no-interpolate --format json
printf 'services:\n  a: {image: x, devices: ["/dev/null:/dev/a", "/dev/full"], logging: {driver: syslog, options: {a: b}}, init: yes}\n' >one.yaml
printf 'services:\n  a: {devices: ["/dev/zero:/dev/a"], logging: {driver: json-file, options: {max-size: 1k}}, tty: on}\n' >two.yaml
same "devices meet by target, options of another logging driver go, yes is a boolean" '[[["/dev/zero","/dev/a"],["/dev/full","/dev/full"]],{"max-size":"1k"},true,true]' \
	'.services.a | [[.devices[] | [.source, .target]], .logging.options, .init, .tty]' -f one.yaml -f two.yaml config --format json
names() { for f in services volumes profiles; do ours -f base.yaml config --$f | sort; done | tr '\n' ' '; }
check "--services, --volumes, --profiles" "$(names)" = "db store web cache off "
printf 'services:\n  a: {image: x, env_file: no.env}\n' >env.yaml
check "names are printed though an env_file is missing" "$(ours -f env.yaml config --services)" = a
exits 1 "... the model is not" dc -f env.yaml config
check "YAML: no null command, x- keys stay" "$(ours -f base.yaml config | grep -cE 'entrypoint|ipam|exec:')$(ours -f base.yaml config | grep -cE 'x-(note|why|top)')" = 03
check "YAML can be fed back" "$(ours -f base.yaml config | ours -f - config | md5sum)" = "$(ours -f base.yaml config | md5sum)"
printf 'services:\n  b: {build: {context: ..}}\n  a: {extends: b, build: {target: t}}\n  c: {extends: {file: none.yaml, service: x}}\n' >ext.yaml
exits 1 "a missing file of extends" dc -f ext.yaml config
check "... is named with the place" "$(cat "$T/err")" "~" 'ext.yaml:4:.*none.yaml: no such file'
sed -i '/c:/d' ext.yaml
same "extends keeps the build context" "\"$T\"" .services.a.build.context -f ext.yaml config --format json
# external: false is no external one; z on a named volume; the mode of a tmpfs; ssh of a build.
mkdir small; printf 'services:\n  a: {image: i, networks: [n], volumes: ["v:/v:z", {type: tmpfs, target: /t, tmpfs: {mode: 0755}}], build: {context: /x, ssh: {default: , k: /s}}}\nnetworks: {n: {external: false}}\nvolumes: {v: {external: false}}\n' >small/compose.yaml
check "as docker compose 2.26 prints them" "$(mc compose -f small/compose.yaml config --format json | jq -c '[.networks.n.name, .volumes.v.name, .services.a.build.ssh, .services.a.volumes[0].bind, .services.a.volumes[1].tmpfs]')" = '["small_n","small_v",["default","k=/s"],{"selinux":"z"},{"mode":493}]'
sed -i 's/0755/755/' small/compose.yaml; mc compose -f small/compose.yaml config -q 2>"$T/err"
check "a mode that is a decimal number is told" "$(cat "$T/err")" "~" "compose.yaml:2:.*755 is a decimal number, the mode 01363; 0755 is"
printf 'services:\n  db: {provider: {type: cloud}}\n' >prov.yaml
exits 1 "a provider without an image" dc -f prov.yaml config -q
check "... is named, with the way out" "$(cat "$T/err")" "~" 'prov.yaml:2:.*comes from a provider'
# Two files may include the same third one; two things of one name may not meet, in no section.
mkdir inc; printf 'services: {db: {image: i}}\nvolumes: {v: {name: vv}}\n' >inc/common.yaml
for s in a b; do printf 'include: [common.yaml]\nservices: {%s: {image: i, depends_on: [db]}}\n' $s >inc/$s.yaml; done
printf 'include: [a.yaml, b.yaml]\nservices: {m: {image: i}}\nvolumes: {v: {name: vv}}\n' >inc/compose.yaml
check "a file that two included files include" "$(mc compose -f inc/compose.yaml config --services | sort | tr '\n' ' ')" = "a b db m "
printf 'include: [a.yaml]\nservices: {m: {image: i}}\nvolumes: {v: {name: other}}\n' >inc/compose.yaml
exits 1 "another volume of an included one's name" dc -f inc/compose.yaml config -q
check "... conflicts" "$(cat "$T/err")" "~" 'compose.yaml:3:14: volumes.v conflicts with imported resource'
printf 'include: [a.yaml, none.yaml]\nservices: {m: {image: "${NOT_SET}"}}\n' >inc/compose.yaml
exits 1 "a missing file of include" dc -f inc/compose.yaml config -q
check "... is named with the place" "$(cat "$T/err")" "~" 'compose.yaml:1:19:.*none.yaml: no such file'
sed -i 1d inc/compose.yaml
exits 1 "an image that is empty text" dc -f inc/compose.yaml config -q
check "... is none" "$(cat "$T/err")" "~" 'compose.yaml:1:.*neither an image nor a build'
bad_port() { printf 'services:\n  a: {image: i, ports: ["%s"]}\n' "$1" >port.yaml; exits 1 "ports: $1" dc -f port.yaml config -q; }
bad_port 8000:90-91
check "... is a range with one host port" "$(cat "$T/err")" "~" 'port.yaml:2:.*invalid ranges'
bad_port 300.1.1.1:80:80
check "... has no such address" "$(cat "$T/err")" "~" 'port.yaml:2:.*invalid ip address: 300.1.1.1'
# Where the file is: COMPOSE_FILE may stand in .env, --project-directory is searched, .yml goes before .yaml as docker compose has it.
mkdir -p find/old; cd find; for f in one two; do printf 'services: {%s: {image: i}}\n' $f >$f.yaml; done
printf 'COMPOSE_FILE=one.yaml,two.yaml\nCOMPOSE_PATH_SEPARATOR=,\n' >.env
check "COMPOSE_FILE of .env" "$(dc config --services | sort | tr '\n' ' ')" = "one two "
check "... the shell's goes first" "$(COMPOSE_FILE=two.yaml COMPOSE_PATH_SEPARATOR=: dc config --services)" = two
cp one.yaml old/docker-compose.yaml; cp two.yaml old/docker-compose.yml
check "--project-directory; two file names" "$(dc --project-directory old config --services 2>/dev/null)" = two
cd ..; printf 'services:\n  a: {image: i, pull_policy: sometimes}\n' >pull.yaml
exits 1 "a pull policy that is none" dc -f pull.yaml config -q
check "... is named" "$(cat "$T/err")" "~" 'pull.yaml:2:.*pull_policy "sometimes": there are'
