#!/bin/sh
# The docker command against minictrd and against dockerd: one list of invocations, the same visible result. Left out of it
# on purpose: what a failed build leaves for `container prune` (docker a container, we an image for `debug build`), the hints
# that we add to errors, the network mode (docker's newer daemons write bridge for default, as we do).
. "$(dirname "$0")/lib.sh"
need_root
needs docker dockerd unshare python3 iptables || skip_all "docker is not installed (make peers)"
if [ "${1:-}" != inside ]; then
	unshare --net --mount --pid --fork --kill-child --mount-proc sh "$0" inside; exit $?
fi
ip link set lo up
mount -t tmpfs -o mode=755 run /run
DOCKER_CONFIG=$T/docker; export DOCKER_CONFIG; mkdir -p "$DOCKER_CONFIG" "$T/ctx" "$T/ours" "$T/theirs"
printf 'FROM busybox\nARG V\nLABEL l=m\nRUN echo built $V >/v\nCMD ["cat","/v"]\n' >"$T/ctx/Dockerfile"
starter_images
mc save -o "$T/busybox.tar" busybox
background "$BIN/minictrd" -H "unix://$T/ours.sock" 2>"$T/daemon.log"
eventually 40 test -S "$T/ours.sock"
cat >"$T/list" <<'L'
docker version --format '{{.Server.Os}} {{.Server.Arch}}'
docker info --format '{{.OSType}} {{.Architecture}} {{.NCPU}} {{.Swarm.LocalNodeState}} {{.LoggingDriver}}'
docker ps
docker ps -a -q
docker images --format '{{.Repository}}:{{.Tag}}' busybox
docker image inspect -f '{{.Os}} {{.Architecture}} {{.RootFS.Type}}' busybox
docker inspect nosuch
docker run --rm busybox echo hello
docker run --rm busybox sh -c 'echo out; sleep 0.2; echo err >&2; exit 3'
printf 'a\nb\n' | docker run --rm -i busybox wc -l
head -c 300000 /dev/zero | docker run --rm -i busybox cat | wc -c
docker run --rm busybox /nosuch 2>/dev/null; echo $?
docker run --rm busybox /etc 2>/dev/null; echo $?
docker run --rm -e A=b -w /tmp -u 1000:1000 -h box busybox sh -c 'echo $A; pwd; id -u; hostname'
docker run --rm --read-only --tmpfs /t busybox sh -c 'touch /x 2>/dev/null; echo $?; touch /t/x; echo $?'
docker run --rm --memory 32m --pids-limit 50 --cpus 0.5 busybox true
docker run --rm --cap-drop ALL busybox sh -c 'grep CapEff /proc/self/status'
docker run --rm --network none busybox sh -c 'ls /sys/class/net'
docker run --rm --entrypoint /bin/echo busybox entry
docker run --rm --init busybox sh -c 'cat /proc/1/comm | wc -l'
docker run --rm -v vol:/data busybox sh -c 'echo kept >/data/f'
docker run --rm -v vol:/data:ro busybox cat /data/f
docker run --rm --mount type=tmpfs,dst=/m busybox sh -c 'grep -c " /m tmpfs" /proc/mounts'
docker run -d --name d1 -l k=v busybox sh -c 'echo one; sleep 0.2; echo two >&2; trap "exit 5" TERM; while :; do sleep 0.1; done' | wc -c
sleep 1; docker ps --format '{{.Names}} {{.Image}} {{.State}} {{.Labels}}'
docker ps -q --filter label=k=v --filter name=d1 | wc -l
docker ps -q --filter status=exited | wc -l
docker ps --filter nosuch=x
docker logs d1 2>&1 | sort
docker logs --tail 1 d1
docker logs -t d1 2>/dev/null | cut -c1-2
docker exec d1 echo in-exec
docker exec d1 sh -c 'exit 4'
echo typed | docker exec -i d1 cat
docker exec -d d1 touch /tmp/mark; sleep 0.5; docker exec d1 ls /tmp
docker exec -u nobody -w /tmp -e X=y d1 sh -c 'id -un; pwd; echo $X'
docker exec nosuch true
docker top d1 -o pid,comm | sed -n 1p
docker stats --no-stream --format '{{.Name}} {{.PIDs}}' d1 | cut -c1-2
docker inspect -f '{{.State.Status}} {{.Config.Image}} {{.Name}} {{.RestartCount}} {{.Config.Labels.k}}' d1
docker inspect -f '{{json .Config.Cmd}} {{json .Config.Entrypoint}} {{.Config.Tty}} {{.Config.OpenStdin}}' d1
docker port d1
echo foo >foo.txt; docker cp foo.txt d1:/tmp/ 2>/dev/null; docker exec d1 cat /tmp/foo.txt
docker cp d1:/tmp/foo.txt back.txt 2>/dev/null; cat back.txt
docker cp d1:/tmp/. dir 2>/dev/null; ls dir
docker cp d1:/nosuch . 2>&1 | grep -c 'Could not find the file /nosuch in container d1'
docker diff d1 | sort
docker export d1 | tar t | grep -c '^bin/sh$'
docker pause d1; docker ps --format '{{.State}}'; docker unpause d1
docker rename d1 d2; docker ps --format '{{.Names}}'
docker update --memory 64m --memory-swap 64m d2; docker inspect -f '{{.HostConfig.Memory}}' d2
docker rm d2 2>/dev/null; echo $?
docker stop d2; docker inspect -f '{{.State.ExitCode}} {{.State.Status}}' d2
docker wait d2
docker start d2; docker restart -t 0 d2; docker kill d2; docker wait d2
docker commit -m msg -c 'ENV X=1' d2 cimg:1 | cut -c1-7
docker history --format '{{.Comment}}' cimg:1 | sed -n 1p
docker run --rm cimg:1 sh -c 'echo $X'
docker rm d2
docker create --name zz1 busybox sh -c 'echo again; exit 7' | wc -c
docker start -a zz1
docker rm -f zz1
docker network create net1 | wc -c
docker network ls --format '{{.Name}} {{.Driver}}'
docker network inspect -f '{{.Name}} {{.Driver}} {{.Internal}}' net1
docker run -d --name n1 --network net1 --network-alias al busybox sleep 100 | wc -c
docker run --rm --network net1 busybox ping -c1 -q al | grep -c '1 packets received'
docker network rm net1 2>/dev/null; echo $?
docker rm -f n1; docker network rm net1
docker network inspect nosuch 2>/dev/null
docker volume create --label a=b myv
docker volume ls -q --filter name=myv
docker volume inspect -f '{{.Name}} {{.Driver}} {{.Scope}} {{.Labels.a}}' myv
docker volume rm myv vol
docker volume inspect nosuch
docker tag busybox bb2:x; docker images -q bb2 | wc -l; docker rmi bb2:x
docker rmi nosuch:1
docker rm nosuch
docker save busybox | tar t | grep -c manifest.json
DOCKER_BUILDKIT=0 docker build -q -t b1 --build-arg V=2 ../ctx 2>/dev/null | cut -c1-7
docker run --rm b1; docker image inspect -f '{{.Config.Labels.l}} {{json .Config.Cmd}}' b1
printf 'FROM busybox\nRUN exit 4\n' | DOCKER_BUILDKIT=0 docker build - >/dev/null 2>&1; echo $?
docker rmi -f b1 cimg:1 >/dev/null; echo $?
sleep 1; docker events --since 1h --until 0s --filter container=zz1 --filter event=start --filter event=die --filter event=destroy --format '{{.Action}}'
docker system df --format '{{.Type}}'
docker image prune -f | tail -1; docker network prune -f; docker volume prune -f | tail -1
L
run_list() { # NAME SOCKET: each line's output and status
	cd "$T/$1" || return
	DOCKER_HOST=unix://$T/$1.sock; export DOCKER_HOST
	n=0
	while IFS= read -r line; do
		n=$((n + 1))
		timeout 60 sh -c "$line" >"$T/$1.$n" 2>&1 </dev/null; echo "status $?" >>"$T/$1.$n"
		sed -E 's/[0-9a-f]{64}/ID/g; s/[0-9a-f]{12}/ID/g; s/^Error response from daemon: //; s/^Error: //; s/^Invalid filter/invalid filter/; s/ \(known keys:.*//; s/[[:space:]]+$//' "$T/$1.$n" >"$T/$1.$n.plain"
	done <"$T/list"
	cd "$T" || return
}
run_list ours
# Only now: dockerd changes the firewall of this network namespace.
background dockerd --data-root "$T/d/data" --exec-root "$T/d/exec" -H "unix://$T/theirs.sock" --pidfile "$T/d/pid" \
	--storage-driver vfs --bip 10.88.0.1/16 --cgroup-parent "/peer-$$" --log-level error >"$T/dockerd.log" 2>&1; DOCKERD=$BG
eventually 40 env DOCKER_HOST="unix://$T/theirs.sock" docker version || skip_all "dockerd does not start here"
DOCKER_HOST=unix://$T/theirs.sock docker load -qi "$T/busybox.tar" >/dev/null
cleanup() { kill "$DOCKERD" 2>/dev/null; wait "$DOCKERD" 2>/dev/null; for d in /sys/fs/cgroup/peer-$$ /sys/fs/cgroup/*/peer-$$; do [ -d "$d" ] && find "$d" -depth -type d -exec rmdir {} + 2>/dev/null; done; }
run_list theirs
n=0
while IFS= read -r line; do
	n=$((n + 1))
	if cmp -s "$T/ours.$n.plain" "$T/theirs.$n.plain"; then ok "$line"
	else not_ok "$line" "$(diff "$T/theirs.$n.plain" "$T/ours.$n.plain" | head -8)"; fi
done <"$T/list"
plan $N
