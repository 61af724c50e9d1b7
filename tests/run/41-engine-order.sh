#!/bin/sh
# What others see of a container's life: the order of events, times that stay, the keys of inspect, two who remove one container.
. "$(dirname "$0")/lib.sh"
need_root
needs jq || skip_all "needs jq"
starter_images
since=$(date +%s)
mc run -d --name web busybox sleep 1000 >/dev/null
mc stop -t 0 web >/dev/null
check "stop: kill, die, stop" "$(mc events --since "$since" --until 0s --filter container=web --format '{{.Action}}' | tr '\n' ' ')" "~" "create .*start kill (kill )?die stop $"
happened() { mc events --since "$since" --until 0s --filter type=container --filter container="$1" --format '{{.Action}}' | tr '\n' ' '; }
# Whatever is slow: `stop` sleeps after each signal that it sends, and the monitor writes "die" meanwhile.
if needs strace; then
	slow() { strace -qq -e trace=pidfd_send_signal -e inject=pidfd_send_signal:delay_exit=1500000 -o /dev/null "$BIN/minictr" "$@"; }
	for how in "stop -t 0" "kill" "rm -f" "restart -t 0"; do
		n=slow-$(echo "$how" | cut -c1-2); mc run -d --name $n busybox sleep 1000 >/dev/null
		slow $how $n >/dev/null
		case $how in
		stop*) want="create start kill kill die stop " ;;
		kill) want="create start kill die " ;;
		rm*) want="create start kill die destroy " ;;
		*) want="create start kill kill die stop start restart " ;;
		esac
		check "a slow $how: the signal comes before the end" "$(happened $n)" = "$want"
		mc rm -f $n >/dev/null 2>&1
	done
	mc run -d --rm --name goes busybox sleep 1000 >/dev/null; slow stop -t 0 goes >/dev/null
	check "stop of a --rm container: destroy is last" "$(happened goes)" = "create start kill kill die stop destroy "
else skip "slow signals" "needs strace"; fi
mc run -d --name held busybox sleep 1000 >/dev/null; mc pause held >/dev/null; mc stop -t 0 held >/dev/null; mc rm held >/dev/null
check "stop of a paused container thaws it" "$(happened held)" = "create start pause kill unpause kill die stop destroy "
background "$BIN/minictr" run --name front busybox sh -c 'trap "exit 3" USR1; echo ready; while :; do sleep 0.1; done' >"$T/front"; eventually 10 grep -q ready "$T/front"
kill -USR1 "$BG"; wait "$BG"; rc=$?; mc rm front >/dev/null
check "run in the foreground: attach, and the signal that it passes on" "$rc $(happened front)" = "3 create attach start kill die destroy "
first=$(mc inspect -f '{{.State.FinishedAt}}' web)
mc start web >/dev/null
check "a start keeps the time of the last end" "$(mc inspect -f '{{.State.FinishedAt}}' web)" = "$first"
mc kill web >/dev/null; eventually 5 sh -c "[ \"\$('$BIN/minictr' inspect -f '{{.State.Running}}' web)\" = false ]"
check "the next end has its own" "$(mc inspect -f '{{.State.FinishedAt}}' web)" != "$first"

# --- inspect: every key that docker's clients read is there ---
mc inspect web >"$T/i"
missing=""
for k in Binds ContainerIDFile LogConfig NetworkMode PortBindings RestartPolicy AutoRemove VolumeDriver VolumesFrom ConsoleSize CapAdd CapDrop CgroupnsMode Dns DnsOptions DnsSearch ExtraHosts GroupAdd IpcMode Cgroup Links OomScoreAdj PidMode Privileged PublishAllPorts ReadonlyRootfs SecurityOpt UTSMode UsernsMode ShmSize Runtime Isolation CpuShares Memory NanoCpus CgroupParent BlkioWeight BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus CpusetMems Devices DeviceCgroupRules DeviceRequests MemoryReservation MemorySwap MemorySwappiness OomKillDisable PidsLimit Ulimits CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth MaskedPaths ReadonlyPaths; do
	jq -e --arg k "$k" '.[0].HostConfig | has($k)' "$T/i" >/dev/null || missing="$missing $k"
done
for k in Hostname Domainname User AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce Env Cmd Image Volumes WorkingDir Entrypoint OnBuild Labels; do
	jq -e --arg k "$k" '.[0].Config | has($k)' "$T/i" >/dev/null || missing="$missing Config.$k"
done
check "no key of HostConfig and Config is missing" "$missing" = ""
check "masked paths are told" "$(jq '.[0].HostConfig.MaskedPaths | index("/proc/kcore") != null' "$T/i")" = true
mc create --name bare --privileged busybox >/dev/null
check "none with --privileged" "$(mc inspect bare | jq -c '.[0].HostConfig | [.MaskedPaths, .ReadonlyPaths]')" = "[null,null]"
mc rm web bare >/dev/null

# --- --rm and rm -f at the same moment: what was asked for is done, whoever did it ---
: >"$T/said"; i=0
while [ $i -lt 10 ]; do
	i=$((i + 1))
	id=$(mc run -d --rm busybox sleep 1000)
	# rm first: a container that is gone before rm looks is told, and rightly so: it gets a start.
	mc rm -f "$id" 2>>"$T/said" >/dev/null & r=$!
	sleep 0.0$((i % 5 + 1))
	mc kill "$id" >/dev/null 2>&1
	wait $r || echo "status $?" >>"$T/said"
done
check "ten times rm -f of a --rm container, without a word" "$(cat "$T/said")" = ""

# --- what is done with a container is logged as docker logs it, word by word ---
mc run -d --name seen -l k=v busybox sleep 1000 >/dev/null
date +%s.%N >"$T/since"
# What happened since the last question.
told() { mc events --since "$(cat "$T/since")" --until 0s "$@"; date +%s.%N >"$T/since"; }
mc exec seen sh -c 'exit 3' forged; mc exec seen true
check "exec: three events of one id, the command line in two" "$(told -f container=seen -f event=exec_create -f event=exec_start -f event=exec_die --format '{{.Action}}|{{.Actor.Attributes.execID}} {{.Actor.Attributes.exitCode}} {{.Actor.Attributes.k}}' | sed -E 's/\|[0-9a-f]{64} /|ID /' | tr '\n' ';')" = "exec_create: sh -c exit 3 forged|ID <no value> v;exec_start: sh -c exit 3 forged|ID <no value> v;exec_die|ID 3 v;exec_create: true |ID <no value> v;exec_start: true |ID <no value> v;exec_die|ID 0 v;"
check "... and it is one id" "$(mc exec seen true; told -f container=seen --format '{{.Actor.Attributes.execID}}' | sort -u | wc -l)" = 1
mc exec seen echo "a
2030-01-01T00:00:00Z container die FORGED" >/dev/null
check "a command with a line break is one line" "$(told | grep -c '^2030')" = 0
mc exec -u nosuch seen true 2>/dev/null; mc exec -d seen true
check "no end is told that was not seen" "$(told --format '{{.Action}}' | cut -d: -f1 | tr '\n' ' ')" = "exec_create exec_start exec_create exec_start "
mc top seen >/dev/null; mc export -o "$T/seen.tar" seen; mc cp seen:/etc/passwd "$T/pw"; mc cp "$T/pw" seen:/tmp/; mc cp seen:/etc - >/dev/null; tar c -C "$T" pw | mc cp - seen:/tmp
mc cp seen:/nosuch "$T/pw" 2>/dev/null; mc top nosuch 2>/dev/null
check "top, export and cp in both directions" "$(told --format '{{.Action}}' | tr '\n' ' ')" = "top export archive-path extract-to-dir archive-path extract-to-dir "
mc commit seen seen:1 >/dev/null; mc save -o "$T/seen.tar" seen:1 busybox; mc rm -f seen >/dev/null
check "commit names an image, save reads two" "$(told -f type=image --format '{{.Action}} {{.Actor.Attributes.name}}' | tr '\n' ';')" = "tag seen:1;save seen:1;save busybox;"
for noun in container volume network image builder; do mc $noun prune -f >/dev/null; done
check "prune" "$(told -f event=prune --format '{{.Type}} {{.Actor.Attributes.reclaimed}}' | sed 's/[0-9][0-9]*/N/' | tr '\n' ';')" = "container N;volume N;network N;image N;builder N;"

# --- devices: a directory of nodes, links left out ---
mkdir -p "$T/devs/sub"; mknod "$T/devs/z" c 1 5; mknod "$T/devs/sub/n" c 1 3; ln -s z "$T/devs/link"; echo no >"$T/devs/file"; mkdir "$T/nodevs"; echo no >"$T/nodevs/file"
check "--device DIR gives its nodes" "$(mc run --rm --device "$T/devs:/dev/many" busybox sh -c 'find /dev/many -type c | sort; head -c 1 /dev/many/z | wc -c' | tr '\n' ' ')" = "/dev/many/sub/n /dev/many/z 1 "
mc run --rm --device "$T/nodevs" busybox true >"$T/out" 2>&1; check "a directory without one is refused" "$? $(cat "$T/out")" "~" "^125 .*no directory that holds one"
plan "$N"
