#!/bin/sh
# 59-cri.sh - Kubernetes' view of us: containerd's CRI plugin with minictr-oci as the handler of a RuntimeClass, driven
# as a kubelet drives it; the images are built by us and pulled from our registry. Private namespaces, a /run of their own.
. "$(dirname "$0")/lib.sh"
need_root
needs containerd protoc python3 gcc || skip_all "containerd, protoc and gcc are needed (make peers)"
# Debian's python has Debian's modules; another one may stand before it in PATH.
for PY in python3 /usr/bin/python3 none; do $PY -c 'import grpc, google.protobuf' 2>/dev/null && break; done
[ $PY != none ] || skip_all "python3-grpcio is not installed (make peers)"
CNI=/usr/lib/cni; [ -x $CNI/bridge ] || CNI=/opt/cni/bin; [ -x $CNI/bridge ] || skip_all "no CNI plugins (make peers)"
plan 38
HERE_RUN=$(cd "$(dirname "$0")" && pwd)
GROUP=/minictr-cri-$$
remove_groups() { find /sys/fs/cgroup -depth -type d -path "*$GROUP*" -exec rmdir {} \; 2>/dev/null; }
starter_images
mkdir -p "$T/p" "$T/cni" "$T/logs" "$T/py"
protoc -I"$HERE_RUN" --python_out="$T/py" cri.proto || skip_all "protoc cannot read cri.proto"
cp "$HERE_RUN/cri.py" "$T/py/"
# the pause program: process 1 of a pod, which reaps and ends when told to
cat >"$T/p/pause.c" <<'END'
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void end(int n) { _exit(0); }
static void reap(int n) { while (waitpid(-1, NULL, WNOHANG) > 0); }
int main(void)
{
	signal(SIGTERM, end);
	signal(SIGINT, end);
	signal(SIGCHLD, reap);
	for (;;)
		pause();
}
END
gcc -static -Os -o "$T/p/pause" "$T/p/pause.c"
printf 'FROM scratch\nCOPY pause /\nENTRYPOINT ["/pause"]\n' >"$T/p/Dockerfile"
port=$(free_port)
mc build -q -t "127.0.0.1:$port/pause:1" "$T/p" >/dev/null
mc tag busybox "127.0.0.1:$port/bb:1"
cat >"$T/config.toml" <<END
version = 2
root = "$T/ctd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.internal.v1.opt"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "127.0.0.1:$port/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "$CNI"
  conf_dir = "$T/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
  default_runtime_name = "minictr"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.minictr]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.minictr.options]
  BinaryName = "$BIN/minictr-oci"
END
cat >"$T/cni/10-pods.conflist" <<END
{ "cniVersion": "0.4.0", "name": "pods", "plugins": [
  { "type": "bridge", "bridge": "cri0", "isGateway": true, "ipMasq": false,
    "ipam": { "type": "host-local", "dataDir": "$T/ipam", "ranges": [[{ "subnet": "10.231.7.0/24" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } } ] }
END
cat >"$T/cri.sh" <<END
mount -t tmpfs tmpfs /run; mkdir -p /run/containerd /run/minictr
mount -t tmpfs tmpfs /var/lib/cni 2>/dev/null
ip link set lo up; ip link add up0 type veth peer name up1; ip link set up1 up; ip addr add 192.0.2.1/24 dev up0; ip link set up0 up
echo 1 >/proc/sys/net/ipv4/ip_forward
export MINICTR_ROOT=$MINICTR_ROOT
MINICTR_ROOT=$T/reg $BIN/minictr registry serve --addr 127.0.0.1:$port >$T/reg.log 2>&1 & R=\$!
for i in \$(seq 100); do $BIN/minictr push -q 127.0.0.1:$port/pause:1 >/dev/null 2>&1 && break; sleep 0.1; done
$BIN/minictr push -q 127.0.0.1:$port/bb:1 >/dev/null
containerd -c $T/config.toml >$T/ctd.log 2>&1 & echo \$! >$T/ctd.pid
for i in \$(seq 100); do ctr version >/dev/null 2>&1 && break; sleep 0.1; done
cd $T/py && $PY cri.py /run/containerd/containerd.sock 127.0.0.1:$port/bb:1 $GROUP $T/logs minictr 192.0.2.1 $T/config.toml $T/ctd.pid
echo "shims: \$(ps -e -o args | grep -c '[c]ontainerd-shim.*$T')"
echo "states: \$(find /run/containerd /run/minictr-oci -name state.json 2>/dev/null | wc -l)"
C=\$(cat $T/ctd.pid); kill \$C \$R; wait \$R; for i in \$(seq 50); do kill -0 \$C 2>/dev/null || break; sleep 0.1; done
END
timeout 150 unshare -m -n sh "$T/cri.sh" >"$T/out" 2>"$T/err" </dev/null
remove_groups
while IFS='|' read -r name want; do
	check "CRI: $name" "$(sed -n "s/^$name: //p" "$T/out")" "~" "^$want\$"
done <<'END'
ready|RuntimeReady=True NetworkReady=True.*
pulled|sha256:
sandbox|0 minictr 10.231.7
hostname|pod-web
dns|1
environment|hello
sysctl|0
memory|67108864
oom score|500
read-only mount|Read-only
own pid namespace|sleep 1000
exec code|7
exec timeout|DEADLINE_EXCEEDED
exec stream|got typed err
port forward|True
host port|True
updated|134217728
stats|True
user and groups|65534 .*7.*
status lines|0000000000000400 1 2
read-only root|Read-only
shares the pod's network|hello
pod pid namespace|/pause.*
after a restart of containerd|still there
ended meanwhile|6
exit 3|3 Error
too much memory|137 OOMKilled
missing program|12[78] StartError True
stopped by TERM|True
its code|0
log|stdout F started
removed|yes
privileged|0
host's network|True
end|yes
shims|0
states|0
END
[ "$FAILED" = 0 ] || { tail -5 "$T/err"; grep -iE 'error|fail' "$T/ctd.log" | tail -5 | cut -c1-300; } | sed 's/^/# /'
check "no cgroup is left" "$(find /sys/fs/cgroup -type d -path "*$GROUP*" | wc -l)" -eq 0
