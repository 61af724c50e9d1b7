#!/usr/bin/env python3
"""cri.py SOCKET IMAGE CGROUP LOGS HANDLER ADDRESS CONTAINERD-CONFIG PIDFILE - what a kubelet asks of containerd, with HANDLER as the RuntimeClass's handler.

Prints one line a step, "NAME: RESULT"; the shell script compares. No generated stubs: a method is a path and two message types.
"""
import base64, os, signal, socket, struct, subprocess, sys, time
import grpc
import cri_pb2 as p

SOCKET, IMAGE, CGROUP, LOGS, HANDLER = sys.argv[1:6]
channel = grpc.insecure_channel("unix://" + SOCKET)


def call(method, request, answer, service="RuntimeService", timeout=30):
    f = channel.unary_unary(f"/runtime.v1.{service}/{method}", request_serializer=lambda m: m.SerializeToString(),
                            response_deserializer=answer.FromString)
    return f(request, timeout=timeout)


def tell(name, what):
    print(f"{name}: {what}", flush=True)


def pod(name, **more):
    linux = p.LinuxSandbox(cgroup_parent=CGROUP, sysctls=more.pop("sysctls", {}), security_context=more.pop("security", None))
    return p.PodSandboxConfig(metadata=p.Metadata(name=name, uid=name, namespace="default"), log_directory=LOGS, linux=linux, **more)


def start(sandbox, config, name, command, linux=None, **more):
    c = p.ContainerConfig(metadata=p.ContainerMetadata(name=name), image=p.ImageSpec(image=IMAGE), command=command,
                          log_path=name + ".log", linux=linux, **more)
    cid = call("CreateContainer", p.CreateContainerRequest(pod_sandbox_id=sandbox, config=c, sandbox_config=config), p.ContainerId).container_id
    call("StartContainer", p.ContainerId(container_id=cid), p.Nothing)
    return cid


def run(cid, *words, timeout=10):
    r = call("ExecSync", p.ExecSyncRequest(container_id=cid, cmd=words, timeout=timeout), p.ExecSyncResponse)
    return (r.stdout + r.stderr).decode().strip(), r.exit_code


def ended(cid):
    for _ in range(200):
        s = call("ContainerStatus", p.ContainerId(container_id=cid), p.ContainerStatusResponse).status
        if s.state == 2:
            return s
        time.sleep(0.05)
    raise SystemExit(f"{cid} does not end")


class Web:
    """The stream server's WebSocket: frames of one channel byte and data."""

    def __init__(self, url, protocol):
        host, path = url.split("//")[1].split("/", 1)
        name, port = host.rsplit(":", 1)
        self.s = socket.create_connection((name, int(port)), 10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.s.sendall(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.s.recv(1)
        assert b" 101 " in head, head

    def exactly(self, n):
        b = b""
        while len(b) < n:
            more = self.s.recv(n - len(b))
            if not more:
                raise EOFError
            b += more
        return b

    def frame(self):
        first, size = self.exactly(2)
        size &= 127
        size = struct.unpack(">H", self.exactly(2))[0] if size == 126 else size
        data = self.exactly(size)
        if first & 15 == 8:
            raise EOFError
        return data[0], data[1:]

    def send(self, number, data):
        body = bytes([number]) + data
        self.s.sendall(bytes([0x82, 0x80 | len(body)]) + b"\0\0\0\0" + body)


def stream(cid, *words):
    url = call("Exec", p.ExecRequest(container_id=cid, cmd=words, stdin=True, stdout=True, stderr=True), p.Url).url
    w = Web(url, "v4.channel.k8s.io")
    w.send(0, b"typed\n")
    got = {}
    try:
        while 3 not in got:
            number, data = w.frame()
            got[number] = got.get(number, b"") + data
    except EOFError:
        pass
    return got


def forward(sandbox, port):
    w = Web(call("PortForward", p.PortForwardRequest(pod_sandbox_id=sandbox, port=[port]), p.Url).url, "v4.channel.k8s.io")
    w.send(0, b"GET / HTTP/1.0\r\n\r\n")
    text = b""
    try:
        while b"hello" not in text:
            number, data = w.frame()
            text += data if number == 0 else b""
    except EOFError:
        pass
    return text


status = call("Status", p.Nothing(), p.StatusResponse).status
tell("ready", " ".join(f"{c.type}={c.status}" for c in status.conditions))
ref = call("PullImage", p.PullImageRequest(image=p.ImageSpec(image=IMAGE)), p.PullImageResponse, "ImageService").image_ref
tell("pulled", ref[:7])

config = pod("web", hostname="pod-web", dns_config=p.DNSConfig(servers=["10.9.9.9"], searches=["cluster.local"]),
             sysctls={"net.ipv4.ip_unprivileged_port_start": "0"},
             port_mappings=[p.PortMapping(container_port=80, host_port=18231)])
sandbox = call("RunPodSandbox", p.RunPodSandboxRequest(config=config, runtime_handler=HANDLER), p.PodSandboxId).pod_sandbox_id
s = call("PodSandboxStatus", p.PodSandboxId(pod_sandbox_id=sandbox), p.PodSandboxStatusResponse).status
tell("sandbox", f"{s.state} {s.runtime_handler} {s.network.ip.rsplit('.', 1)[0]}")

limits = p.LinuxContainer(resources=p.Resources(memory_limit_in_bytes=64 << 20, cpu_period=100000, cpu_quota=50000, oom_score_adj=500))
web = start(sandbox, config, "web", ["sh", "-c", "mkdir /w; echo hello >/w/index.html; echo started; httpd -f -p 80 -h /w & trap 'exit 0' TERM; while :; do sleep 0.1; done"],
            limits, envs=[p.KeyValue(key="GREETING", value="hello")],
            mounts=[p.Mount(container_path="/host", host_path=LOGS, readonly=True)])
tell("hostname", run(web, "hostname")[0])
tell("dns", run(web, "grep", "-c", "10.9.9.9", "/etc/resolv.conf")[0])
tell("environment", run(web, "sh", "-c", "echo $GREETING")[0])
tell("sysctl", run(web, "cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start")[0])
tell("memory", run(web, "sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null")[0])
tell("oom score", run(web, "cat", "/proc/self/oom_score_adj")[0])
tell("read-only mount", run(web, "sh", "-c", "touch /host/x 2>&1 | grep -o Read-only")[0])
tell("exec code", run(web, "sh", "-c", "exit 7")[1])
try:
    run(web, "sleep", "20", timeout=1)
    tell("exec timeout", "none")
except grpc.RpcError as e:
    tell("exec timeout", e.code().name)
got = stream(web, "sh", "-c", "read x; echo got $x; echo err >&2")
tell("exec stream", f"{got.get(1, b'').decode().strip()} {got.get(2, b'').decode().strip()}")
tell("port forward", b"hello" in forward(sandbox, 80))
try:
    with socket.create_connection((sys.argv[6], 18231), 5) as c:
        c.sendall(b"GET / HTTP/1.0\r\n\r\n")
        text = b""
        while more := c.recv(4096):
            text += more
    tell("host port", b"hello" in text)
except OSError as e:
    tell("host port", e)
call("UpdateContainerResources", p.UpdateRequest(container_id=web, linux=p.Resources(memory_limit_in_bytes=128 << 20)), p.Nothing)
tell("updated", run(web, "sh", "-c", "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null")[0])
tell("stats", call("ContainerStats", p.ContainerId(container_id=web), p.StatsResponse).stats.memory.working_set_bytes.value > 0)

strict = p.LinuxContainer(security_context=p.Security(
    run_as_user=p.Value(value=65534), supplemental_groups=[7], no_new_privs=True, readonly_rootfs=True, seccomp=p.Profile(profile_type=0),
    capabilities=p.Capability(drop_capabilities=["ALL"], add_capabilities=["NET_BIND_SERVICE"]), masked_paths=["/proc/keys"],
    namespace_options=p.Namespaces(pid=1)))
walled = start(sandbox, config, "walled", ["sleep", "1000"], strict)
tell("user and groups", run(walled, "sh", "-c", "id -u; id -G")[0].replace("\n", " "))
tell("status lines", run(walled, "sh", "-c", "awk '/CapBnd|NoNewPrivs|Seccomp:/{print $2}' /proc/1/status")[0].replace("\n", " "))
tell("own pid namespace", run(walled, "sh", "-c", "tr '\\0' ' ' </proc/1/cmdline")[0])
tell("read-only root", run(walled, "sh", "-c", "touch /x 2>&1 | grep -o Read-only")[0])
tell("shares the pod's network", run(walled, "wget", "-q", "-O", "-", "http://127.0.0.1/")[0])
whole = start(sandbox, config, "whole", ["sleep", "1000"], p.LinuxContainer(security_context=p.Security(namespace_options=p.Namespaces(pid=0))))
tell("pod pid namespace", run(whole, "sh", "-c", "tr '\\0' ' ' </proc/1/cmdline")[0])

# containerd is killed and comes back: what runs is its own again, and what ended meanwhile has its code.
short = start(sandbox, config, "short", ["sh", "-c", "sleep 1; exit 6"])
PIDFILE = sys.argv[8]
os.kill(int(open(PIDFILE).read()), signal.SIGKILL)
time.sleep(1.5)
with open(PIDFILE + ".log", "w") as log, open(PIDFILE, "w") as pid:
    pid.write(str(subprocess.Popen(["containerd", "-c", sys.argv[7]], stdout=log, stderr=log).pid))
for _ in range(100):
    try:
        still = run(walled, "echo", "still there")[0]
        break
    except grpc.RpcError:
        time.sleep(0.1)
tell("after a restart of containerd", still)
tell("ended meanwhile", ended(short).exit_code)

s = ended(start(sandbox, config, "three", ["sh", "-c", "exit 3"]))
tell("exit 3", f"{s.exit_code} {s.reason}")
s = ended(start(sandbox, config, "hog", ["sh", "-c", "x=x; while :; do x=$x$x; done"],
                p.LinuxContainer(resources=p.Resources(memory_limit_in_bytes=32 << 20))))
tell("too much memory", f"{s.exit_code} {s.reason}")
c = p.ContainerConfig(metadata=p.ContainerMetadata(name="gone"), image=p.ImageSpec(image=IMAGE), command=["/no/such"], log_path="gone.log")
cid = call("CreateContainer", p.CreateContainerRequest(pod_sandbox_id=sandbox, config=c, sandbox_config=config), p.ContainerId).container_id
try:
    call("StartContainer", p.ContainerId(container_id=cid), p.Nothing)
except grpc.RpcError:
    pass
s = ended(cid)
tell("missing program", f"{s.exit_code} {s.reason} {'no such file' in s.message.lower() or 'not found' in s.message.lower()}")

t = time.monotonic()
call("StopContainer", p.StopContainerRequest(container_id=web, timeout=10), p.Nothing)
tell("stopped by TERM", time.monotonic() - t < 9)
call("StopContainer", p.StopContainerRequest(container_id=web, timeout=10), p.Nothing)
tell("its code", ended(web).exit_code)
call("RemoveContainer", p.ContainerId(container_id=walled), p.Nothing)
tell("log", open(os.path.join(LOGS, "web.log")).read().split(" ", 1)[1].strip())
for _ in range(2):
    call("StopPodSandbox", p.PodSandboxId(pod_sandbox_id=sandbox), p.Nothing)
for _ in range(2):
    call("RemovePodSandbox", p.PodSandboxId(pod_sandbox_id=sandbox), p.Nothing)
tell("removed", "yes")

config = pod("host", security=p.SandboxSecurity(namespace_options=p.Namespaces(network=2, pid=2, ipc=2), privileged=True))
sandbox = call("RunPodSandbox", p.RunPodSandboxRequest(config=config, runtime_handler=HANDLER), p.PodSandboxId).pod_sandbox_id
free = start(sandbox, config, "free", ["sleep", "1000"], p.LinuxContainer(security_context=p.Security(
    privileged=True, namespace_options=p.Namespaces(network=2, pid=2, ipc=2))))
tell("privileged", run(free, "sh", "-c", "awk '/Seccomp:/{print $2}' /proc/self/status")[0])
tell("host's network", run(free, "readlink", "/proc/self/ns/net")[0] == os.readlink("/proc/self/ns/net"))
call("RemovePodSandbox", p.PodSandboxId(pod_sandbox_id=sandbox), p.Nothing)
tell("end", "yes")
