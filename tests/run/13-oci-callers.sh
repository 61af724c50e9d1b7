#!/bin/sh
# 13-oci-callers.sh - what podman, containerd and newer specs ask of a runtime: where warnings go, labels without SELinux, hooks
# with our environment, odd device paths, sysfs that may not be mounted, pidfds by socket, NOTIFY_SOCKET, keys of runtime-spec 1.3.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
plan 36
lossy='c["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 1 << 31, "hard": 1 << 31}]; sh("echo ran")'
bundle w "$lossy"
check "without --log a warning is not in the container's output" "$(oci run --bundle "$T/w" w </dev/null 2>&1)" = ran
check "with --log it is there" "$(oci --log "$T/log" run --bundle "$T/w" w </dev/null 2>&1; cat "$T/log")" "~" 'level=warning.*RLIMIT_NOFILE'
bundle x 'sh("exec sleep 100")'; oci run -d --bundle "$T/x" x </dev/null >/dev/null 2>&1
python3 -c 'import json, sys; p = json.load(open(sys.argv[1]))["process"]; p["args"] = ["/bin/sh", "-c", "echo ran"]; json.dump(p, open(sys.argv[2], "w"))' "$T/w/config.json" "$T/p.json"
check "of exec neither" "$(oci exec -p "$T/p.json" x </dev/null 2>&1)" = ran
check "with --log it is there, too" "$(rm "$T/log"; oci --log "$T/log" exec -p "$T/p.json" x </dev/null 2>&1; cat "$T/log")" "~" 'level=warning.*RLIMIT_NOFILE'
oci delete -f x
check "at a terminal it is told" "$(python3 -c '
import os, pty, sys
out = []
pty.spawn(sys.argv[1:], lambda fd: (out.append(os.read(fd, 4096)), out[-1])[1])' "$BIN/minictr-oci" --root "$T/oci" run --bundle "$T/w" w </dev/null)" "~" 'WARNING: .*RLIMIT_NOFILE'

[ -e /sys/fs/selinux/enforce ] && skip "labels" "this host has SELinux" ||
	{ bundle l 'c["process"]["selinuxLabel"] = "system_u:system_r:container_t:s0:c1,c2"; c["linux"]["mountLabel"] = "system_u:object_r:container_file_t:s0:c1,c2"; sh("echo ran")'
	check "SELinux labels mean nothing without SELinux" "$(run l; cat "$T/l.err")" = ran; }

cat >"$T/hook" <<'H'
#!/bin/sh
echo "$MARK $PATH" >>"$(dirname "$0")/hook.env"
H
chmod 755 "$T/hook"
bundle h 'c["hooks"] = {"createRuntime": [{"path": T + "/hook"}], "poststop": [{"path": T + "/hook", "env": ["MARK=own", "PATH=/usr/bin:/bin"]}]}; sh("echo ran")'
MARK=ours oci run --bundle "$T/h" h </dev/null >/dev/null 2>&1
check "a hook without env has ours, one with env its own" "$(cut -d' ' -f1 "$T/hook.env" | paste -sd' ')" = "ours own"

bundle d 'c["linux"]["devices"] = [{"path": "/dev/fuse/", "type": "c", "major": 10, "minor": 229}, {"path": "/dev/deep/er//", "type": "c", "major": 1, "minor": 3}]; sh("stat -c %t:%T /dev/fuse /dev/deep/er")'
check "a device path may end with slashes" "$(run d | paste -sd' ')" = "a:e5 1:3"
bundle d2 'c["linux"]["devices"] = [{"path": "//", "type": "c", "major": 1, "minor": 3}]'
run d2; check "... but must name something" "$RC $(cat "$T/d2.err")" "~" '^1 .*expected an absolute path'
bundle g 'c["process"]["user"]["additionalGids"] = [5, 6, 5, 5]; sh("id -G")'
check "a group may be named twice" "$(run g | tr ' ' '\n' | sort -u | paste -sd' ')" = "0 5 6"

userns='c["linux"]["namespaces"] = [{"type": t} for t in ("pid", "mount", "uts", "ipc", "user")]; c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 1000}]
'
chmod 755 "$T"; chmod -R a+rX "$T/rootfs"
bundle s "$userns"'c["mounts"].append({"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]}); sh("ls /sys/class >/dev/null && echo seen; grep -c \" /sys .*ro\" /proc/self/mountinfo; mkdir /sys/x 2>/dev/null || echo ro")'
check "sysfs that may not be mounted is the host's, read-only" "$(run s; cat "$T/s.err")" "~" '^seen'
check "... and locked" "$(oci run --bundle "$T/s" s2 </dev/null 2>&1 | tail -1)" = ro
# With every id mapped as it is, root inside may write wherever the host's root may: only the mounts' flags keep it in its cgroup.
bundle k "$userns"'c["linux"]["uidMappings"][0].update(hostID=0); c["process"]["capabilities"] = {k: ["CAP_DAC_OVERRIDE"] for k in ("bounding", "effective", "permitted")}; c["mounts"].append({"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]}); sh("for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $d/made 2>/dev/null && echo made $d && rmdir $d/made; done; grep -c \" /sys.* rw,.* - cgroup\" /proc/self/mountinfo")'
check "... the host's cgroup trees below it as well" "$(run k; cat "$T/k.err")" = 0

# A node that the host lacks, in a user namespace where no process may make one: by a small map and by one of all ids.
for size in 1000 4294967295; do
	bundle "a$size" "$userns"'base = 0 if '$size' > 1000 else 100000
c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": base, "size": '$size'}]
c["linux"]["devices"] = [{"path": "/dev/absent", "type": "c", "major": 1, "minor": 5, "uid": 7, "gid": 8, "fileMode": 0o664}]
sh("stat -c %t:%T,%u:%g,%a /dev/absent; head -c 3 /dev/absent | wc -c")'
	check "a device that the host lacks, under a map of $size ids" "$(run "a$size" | paste -sd' ')$(cat "$T/a$size.err")" = "1:5,7:8,664 3"
done
check "... is gone with the container" "$(find "$T/oci" -name 'device*')" = ""

cat >"$T/listen.py" <<'P'
import array, os, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1] + "~"); s.listen(1); __import__("os").rename(sys.argv[1] + "~", sys.argv[1]); s.settimeout(20)
c = s.accept()[0]; fds = array.array("i")
msg, anc, _, _ = c.recvmsg(100, socket.CMSG_LEN(4))
for level, kind, data in anc: fds.frombytes(data[:4])
print([l.split()[1] for l in open("/proc/self/fdinfo/%d" % fds[0]) if l.startswith("Pid:")][0], flush=True)
P
bundle p 'sh("sleep 100")'
background python3 "$T/listen.py" "$T/pidfd.sock" >"$T/pidfd.out"; listener=$BG; eventually 5 test -S "$T/pidfd.sock"
oci create --pidfd-socket "$T/pidfd.sock" --pid-file "$T/pid" --bundle "$T/p" p </dev/null >/dev/null 2>&1; wait $listener
check "create --pidfd-socket sends the first process's pidfd" "$(cat "$T/pidfd.out")" = "$(cat "$T/pid")"
oci start p; rm -f "$T/pidfd.sock"
background python3 "$T/listen.py" "$T/pidfd.sock" >"$T/pidfd.out"; listener=$BG; eventually 5 test -S "$T/pidfd.sock"
oci exec -d --pidfd-socket "$T/pidfd.sock" --pid-file "$T/pid" p sleep 50 </dev/null >/dev/null 2>&1; wait $listener
check "exec --pidfd-socket sends the new one's" "$(cat "$T/pidfd.out")" = "$(cat "$T/pid")"
oci exec --pidfd-socket "$T/none" p true </dev/null >/dev/null 2>"$T/err"; check "... a missing socket is an error" "$? $(cat "$T/err")" "~" '^255 .*none'

# NOTIFY_SOCKET: manager.py plays the service manager, say.py a program of the container (through /proc/PID/root).
cat >"$T/manager.py" <<'P'
import array, os, socket, sys
path = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.settimeout(60)
s.bind("\0" + path[1:] if path[0] == "@" else path)
print("bound", flush=True)
while True:
    msg, anc, _, _ = s.recvmsg(4096, 100)
    print(msg.decode().replace("\n", " "), flush=True)
    for level, kind, data in anc:
        fds = array.array("i"); fds.frombytes(data[:4]); os.close(fds[0])
    if msg == b"BARRIER=1": break
P
cat >"$T/say.py" <<'P'
import os, socket, sys
os.chdir("/proc/%s/root/run/notify" % sys.argv[1])
for text in sys.argv[2:]: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text.replace(" ", "\n").encode(), "notify.sock")
P
manager() { background python3 "$T/manager.py" "$1" >"$T/manager.out"; MANAGER=$BG; eventually 10 grep -q bound "$T/manager.out"; }
# After `wait "$MANAGER"`, which must stand outside of $(...): a subshell has no children that it could wait for.
heard() { sed 1d "$T/manager.out" | sed "s/=$1\$/=PID/; s/=$1 /=PID /" | paste -sd'|'; }
listens() { [ -S "/proc/$1/root/run/notify/notify.sock" ]; }
bundle n 'sh("sleep 100")'
bundle nu "$userns"'c["process"]["user"] = {"uid": 7, "gid": 7}; sh("sleep 100")'
for kind in n nu; do
	socket=$T/n.sock; [ $kind = n ] || socket=@minictr-$(basename "$T")
	manager "$socket"
	NOTIFY_SOCKET=$socket oci create --pid-file "$T/pid" --bundle "$T/$kind" "$kind" </dev/null >/dev/null 2>&1
	P=$(cat "$T/pid")
	NOTIFY_SOCKET=$socket background oci start "$kind"; starter=$BG
	eventually 20 listens "$P"
	told=$(eventually 20 grep -qzx NOTIFY_SOCKET=/run/notify/notify.sock "/proc/$P/environ"; echo $?)
	check "$kind: the program is told of a socket of its own" "$told" = 0
	python3 "$T/say.py" "$P" STATUS=busy "FDSTORE=1 MAINPID=1" "NOTREADY=1"; sleep 0.3
	check "... start waits for it, and hands on nothing else" "$(kill -0 "$starter" && sed 1d "$T/manager.out")" = ""
	python3 "$T/say.py" "$P" "STATUS=up READY=1"; wait "$starter"; rc=$?; wait "$MANAGER"
	check "... READY=1 with the first process's number, and a barrier" "$rc $(heard "$P")" = "0 MAINPID=PID READY=1|BARRIER=1"
	oci delete --force "$kind"
done
manager "$T/n2.sock"; rm "$T/pid"
NOTIFY_SOCKET=$T/n2.sock background "$BIN/minictr-oci" --root "$T/oci" run --pid-file "$T/pid" --bundle "$T/n" n 2>"$T/n2.err"; runner=$BG
eventually 20 test -s "$T/pid"; P=$(cat "$T/pid"); eventually 20 listens "$P"; python3 "$T/say.py" "$P" READY=1; wait "$MANAGER"
check "run in the foreground is the service's main process" "$(heard "$runner")$(cat "$T/n2.err")" = "MAINPID=PID READY=1|BARRIER=1"
oci kill n KILL; wait "$runner"
bundle nq 'sh("exit 3")'
check "a program that ends without a word holds nobody up" "$(NOTIFY_SOCKET=$T/nobody.sock timeout 20 "$BIN/minictr-oci" --root "$T/oci" run -d --bundle "$T/nq" nq </dev/null 2>&1; echo $?)" = 0
oci delete --force nq
oci delete --force p

bundle m 'c["ociVersion"] = "1.3.0"; c["linux"]["memoryPolicy"] = {"mode": "MPOL_INTERLEAVE", "nodes": "0"}'
run m; check "linux.memoryPolicy is refused, not ignored" "$RC $(cat "$T/m.err")" "~" '^1 .*linux.memoryPolicy'
bundle n 'c["ociVersion"] = "1.3.0"; c["linux"]["netDevices"] = {"eth0": {"name": "x"}}'
run n; check "so is linux.netDevices" "$RC $(cat "$T/n.err")" "~" '^1 .*linux.netDevices'
for v in 1.2.0 1.3.0; do
	bundle "q$v" 'c["ociVersion"] = "'$v'"; c["hooks"] = {"poststart": [{"path": "/bin/false"}]}; sh("sleep 100")'
	oci create --bundle "$T/q$v" "q$v" </dev/null >/dev/null 2>&1; oci --log "$T/plog$v" start "q$v" 2>"$T/err"; rc=$?
	case $v in
	1.2.0) check "$v: a failing poststart hook is only logged" "$rc $(oci state "q$v" | grep -c running) $(grep -c 'poststart hook' "$T/plog$v")" = "0 1 1" ;;
	*) check "$v: it is an error" "$rc $(cat "$T/err")" "~" '^1 .*poststart hook /bin/false'
	   check "... and the container is stopped" "$(eventually 5 sh -c "\"$BIN/minictr-oci\" --root \"$T/oci\" state q$v | grep -q stopped" && echo yes)" = yes ;;
	esac
done

# --- undo: a cgroup that was there before is not ours to kill ---
d=$(cgroup_dir pids neighbour); mkdir -p "$d"
if [ -e "$d/cgroup.procs" ]; then
	sleep 100 & S=$!; PIDS="$PIDS $S"; echo $S >"$d/cgroup.procs"
	bundle u 'c["linux"]["cgroupsPath"] = "/minictr-test-" + os.path.basename(T) + "/neighbour"; c["process"]["args"] = ["nosuch"]'
	run u; check "a failed create leaves processes of a cgroup that was there alone" "$RC $(kill -0 $S && echo alive)" = "127 alive"
	kill $S; wait $S 2>/dev/null
else skip "a failed create leaves a cgroup that was there alone" "no pids controller"; fi
bundle v 'sh("echo again")'
check "a container without hooks is deleted without its bundle" "$(oci create --bundle "$T/v" v </dev/null >/dev/null 2>&1; rm -r "$T/v"; oci delete v 2>&1; ls "$T/oci" | grep -cx v)" = 0

# --- a freezer that is not the container's: another program moved its process there ---
F=/sys/fs/cgroup/freezer; [ -d $F ] && S=freezer.state ON=FROZEN || { F=/sys/fs/cgroup; S=cgroup.freeze ON=1; }
F=$F/mc-test-${T##*.}; mkdir "$F"
bundle f 'sh("sleep 100")'; oci run -d --bundle "$T/f" f </dev/null >/dev/null 2>&1
P=$(oci state f | jq -r .pid); echo "$P" >"$F/cgroup.procs"; echo $ON >"$F/$S"
timeout 30 "$BIN/minictr-oci" --root "$T/oci" delete --force f 2>"$T/err"
check "delete --force of a container in a foreign freezer" "$? $(cat "$T/err")" = "0 "
check "... its process is gone" "$(eventually 10 test ! -e "/proc/$P" && echo gone)" = gone # at once, but for the host's process 1, which reaps it
echo THAWED >"$F/$S" 2>/dev/null; eventually 5 rmdir "$F"
