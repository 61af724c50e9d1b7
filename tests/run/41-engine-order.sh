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

# --- devices: a directory of nodes, links left out ---
mkdir -p "$T/devs/sub"; mknod "$T/devs/z" c 1 5; mknod "$T/devs/sub/n" c 1 3; ln -s z "$T/devs/link"; echo no >"$T/devs/file"; mkdir "$T/nodevs"; echo no >"$T/nodevs/file"
check "--device DIR gives its nodes" "$(mc run --rm --device "$T/devs:/dev/many" busybox sh -c 'find /dev/many -type c | sort; head -c 1 /dev/many/z | wc -c' | tr '\n' ' ')" = "/dev/many/sub/n /dev/many/z 1 "
mc run --rm --device "$T/nodevs" busybox true >"$T/out" 2>&1; check "a directory without one is refused" "$? $(cat "$T/out")" "~" "^125 .*no directory that holds one"
plan "$N"
