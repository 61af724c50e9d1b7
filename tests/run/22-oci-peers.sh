#!/bin/sh
# The real callers: the same bundle on crun and runc, then podman, containerd and dockerd with minictr-oci as their
# runtime, each in a mount and network namespace of its own with a /run of its own.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
plan 39
R=$BIN/minictr-oci
# What the callers leave in the cgroup tree: parents of theirs, empty now; rmdir takes no others.
cleanup() { find /sys/fs/cgroup -depth -type d \( -path '*/libpod_parent*' -o -name docker -o -name default \) -exec rmdir {} \; 2>/dev/null; }
private() { timeout 150 unshare -m -n sh -c "mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /dev/shm; ip link set lo up; $1" </dev/null; }
has() { if needs $2; then return 0; fi; i=0; while [ $i -lt $1 ]; do skip "$3" "no $2 (make peers)"; i=$((i + 1)); done; return 1; }

# --- one bundle, three runtimes (crun 1.8 knows no hybrid host: it must not see the cgroup2 tree) ---
bundle "$T/b" '.process.args=["sh","-c","echo up; exit 5"]'; rm "$T/b/rootfs"; cp -a "$T/rootfs" "$T/b/rootfs"
for peer in crun runc; do
	if has 1 $peer "the bundle runs on $peer"; then
		check "the bundle runs on $peer" "$(private "umount /sys/fs/cgroup/unified 2>/dev/null; $peer --root $T/$peer run -b $T/b peer-$$; echo \$?" 2>&1 | tr '\n' ' ')" = "up 5 "
	fi
done
check "and on ours" "$(oci run -b "$T/b" c1; echo $?)" = "up
5"

printf '#!/nonexistent\n' >"$T/rootfs/bin/badline"; chmod 755 "$T/rootfs/bin/badline"
# --- podman ---
if has 14 podman podman; then
	mkdir -p "$T/pod/net" "$T/pod/tmp"
	printf '[containers]\nlog_driver="k8s-file"\n[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\nruntime="minictr"\nruntime_supports_nocgroup=["minictr"]\ntmp_dir="%s"\n[engine.runtimes]\nminictr=["%s"]\n[network]\nnetwork_config_dir="%s"\n' "$T/pod/tmp" "$R" "$T/pod/net" >"$T/pod/containers.conf"
	printf '[storage]\ndriver="vfs"\ngraphroot="%s"\nrunroot="/run/storage"\n' "$T/pod/storage" >"$T/pod/storage.conf"
	tar -C "$T/rootfs" -cf "$T/rootfs.tar" .
	cat >"$T/podman.sh" <<-X
		export PODMAN_IGNORE_CGROUPSV1_WARNING=1
		export CONTAINERS_CONF=$T/pod/containers.conf CONTAINERS_STORAGE_CONF=$T/pod/storage.conf
		podman import -q $T/rootfs.tar bb >/dev/null 2>&1
		podman run --rm --network none bb sh -c 'exit 3' 2>/dev/null; echo run \$?
		podman run --rm --network none bb nope 2>/dev/null; echo missing \$?
		podman run --rm --network none bb /etc 2>/dev/null; echo denied \$?
		script -qec "podman run --rm -it --network none bb sh -c \"tty; sleep 1\"" /dev/null </dev/null | grep -o '/dev/pts/0'
		podman run --rm --network none -u 1000 bb sh -c 'echo own >/dev/stdout' 2>/dev/null
		podman run --rm --network none --cgroups disabled bb sh -c 'grep -c libpod /proc/self/cgroup' 2>/dev/null | sed 's/^/cgroups /'
		podman run --rm --network none --privileged --uidmap 0:100000:5000 bb sh -c 'ls /dev | wc -l' 2>/dev/null | grep -oE '^[0-9]{2}'
		podman run -d --name web --network none -m 64m --pids-limit 50 bb sleep 100 >/dev/null 2>&1; echo detached \$?
		podman exec web sh -c 'exit 4' 2>/dev/null; echo exec \$?
		podman exec web cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null
		echo "quiet" \$(podman run --rm --network none --privileged --ulimit nofile=2000000000:2000000000 bb echo run 2>&1) \$(podman exec --privileged web echo exec 2>&1)
		podman pause web >/dev/null 2>&1; podman inspect -f '{{.State.Status}}' web; podman unpause web >/dev/null 2>&1
		podman stop -t 1 web >/dev/null 2>&1; podman inspect -f 'stopped {{.State.ExitCode}}' web
		podman rm web >/dev/null 2>&1; echo rm \$?
	X
	private "sh $T/podman.sh" >"$T/podman.out" 2>"$T/podman.err"
	for want in 'run 3' 'missing 127' 'denied 126' '/dev/pts/0' own 'cgroups 0' '[0-9][0-9]' 'detached 0' 'exec 4' 67108864 'quiet run exec' paused 'stopped 137' 'rm 0'; do
		check "podman: $want" "$(cat "$T/podman.out")" "~" "^$want"
	done
fi

# --- containerd: ctr and the runc shim ---
if has 7 containerd containerd && has 7 umoci containerd && has 7 skopeo containerd; then
	mkdir -p "$T/ctd"
	printf 'version = 2\nroot = "%s"\nstate = "/run/containerd"\ndisabled_plugins = ["io.containerd.grpc.v1.cri","io.containerd.internal.v1.opt"]\n[grpc]\naddress = "/run/containerd/containerd.sock"\n' "$T/ctd/root" >"$T/ctd/config.toml"
	{ umoci init --layout "$T/img" && umoci new --image "$T/img:1" && umoci unpack --image "$T/img:1" "$T/unp" && cp -a "$T/rootfs/." "$T/unp/rootfs/" &&
		umoci repack --image "$T/img:1" "$T/unp" && umoci config --image "$T/img:1" --config.env PATH=/bin --config.cmd sh &&
		skopeo copy -q --insecure-policy "oci:$T/img:1" "docker-archive:$T/i.tar:bb:latest"; } >/dev/null 2>&1
	cat >"$T/ctd.sh" <<-X
		mkdir -p /run/containerd; containerd -c $T/ctd/config.toml >$T/ctd/log 2>&1 & P=\$!
		for i in 1 2 3 4 5 6 7 8 9 10; do ctr version >/dev/null 2>&1 && break; sleep 0.5; done
		I=docker.io/library/bb:latest; RB="--runc-binary $R"
		ctr image import $T/i.tar >/dev/null
		ctr run --rm \$RB \$I c1 sh -c 'exit 3'; echo run \$?
		script -qec "ctr run --rm -t \$RB \$I c2 tty" /dev/null </dev/null | grep -o '/dev/pts/0'
		ctr run --rm \$RB \$I c4 nope 2>&1 | grep -o 'executable file not found'
		ctr run -d \$RB \$I c3 sleep 100; ctr task exec --exec-id e1 c3 sh -c 'exit 4'; echo exec \$?
		ctr task pause c3; ctr task ls | grep -o PAUSED; ctr task resume c3
		ctr task metrics c3 | grep -o memory.usage
		ctr task kill -s KILL c3; sleep 0.5; ctr task rm c3 2>/dev/null; ctr c rm c3; echo rm \$?
		kill \$P; wait \$P
	X
	private "sh $T/ctd.sh" >"$T/ctd.out" 2>"$T/ctd.err"
	for want in 'run 3' '/dev/pts/0' 'executable file' 'exec 4' PAUSED memory.usage 'rm 0'; do
		check "containerd: $want" "$(cat "$T/ctd.out")" "~" "^$want"
	done
fi

# --- dockerd, and 50 containers side by side ---
if has 15 dockerd dockerd; then
	[ -f "$T/rootfs.tar" ] || tar -C "$T/rootfs" -cf "$T/rootfs.tar" .
	cat >"$T/docker.sh" <<-X
		mkdir -p /run/docker
		dockerd --data-root $T/docker --exec-root /run/docker -p /run/docker.pid -H unix:///run/docker.sock --add-runtime minictr=$R --default-runtime minictr --iptables=false --bridge=none >$T/docker.log 2>&1 & P=\$!
		export DOCKER_HOST=unix:///run/docker.sock
		for i in \$(seq 40); do docker version >/dev/null 2>&1 && break; sleep 0.5; done
		docker import - bb <$T/rootfs.tar >/dev/null
		docker run --rm --network none bb sh -c 'exit 3'; echo run \$?
		docker run --rm --network none bb nope 2>/dev/null; echo missing \$?
		docker run --rm --network none bb /etc 2>/dev/null; echo denied \$?
		script -qec "docker run --rm -it --network none bb tty" /dev/null </dev/null | grep -o '/dev/pts/0'
		docker run --rm --network none bb /bin/badline 2>/dev/null; echo interpreter \$?; ls /run/docker/runtime-*/moby | grep -c . | sed 's/^/states /'
		docker run --rm --network none -u 1000 bb sh -c 'echo own >/dev/stdout'
		docker run --rm --network none bb sh -c 'echo "home \$HOME"'
		docker run --rm --network none bb grep Seccomp: /proc/self/status | tr -d '\t'
		docker run --rm --network none --privileged bb sh -c 'ls -l /dev/ptmx | grep -o "pts/ptmx"'
		docker run -d --name web --network none -m 64m bb sleep 100 >/dev/null; docker exec web sh -c 'exit 4'; echo exec \$?
		docker update --memory 128m --memory-swap 128m web >/dev/null; docker stats --no-stream --format '{{.MemUsage}}' web | grep -o '128MiB'
		docker stop -t 1 web >/dev/null; docker inspect -f 'stopped {{.State.ExitCode}}' web; docker rm web >/dev/null
		seq 50 | xargs -P 4 -I% docker run -d --name many% --network none bb sleep 300 >/dev/null
		echo many \$(docker ps -q | wc -l); docker rm -f \$(docker ps -aq) >/dev/null; echo left \$(docker ps -aq | wc -l)
		kill \$P; wait \$P
	X
	private "sh $T/docker.sh" >"$T/docker.out" 2>"$T/docker.err"
	for want in 'run 3' 'missing 127' 'denied 126' '/dev/pts/0' 'interpreter 127' 'states 0' own 'home /root' 'Seccomp:2' pts/ptmx 'exec 4' 128MiB 'stopped 137' 'many 50' 'left 0'; do
		check "dockerd: $want" "$(cat "$T/docker.out")" "~" "^$want"
	done
fi
