#!/bin/sh
# minictr-oci exec: in all namespaces and the cgroup, exit codes, --process, --detach, terminals.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
needs python3 || skip_all "needs python3 for a terminal"
plan 31

bundle "$T/b" '.process.args=["sleep","60"] | .process.env += ["PLANTED=1"]'
oci run -d -b "$T/b" c1 || not_ok "run -d"
P=$(pid c1)
for ns in mnt pid uts ipc net cgroup; do
	check "exec joins the $ns namespace" "$(oci exec c1 readlink /proc/self/ns/$ns)" = "$(readlink "/proc/$P/ns/$ns")"
done
exits 3 "exit code" oci exec c1 sh -c 'exit 3'
exits 137 "a signal" oci exec c1 sh -c 'kill -9 $$'
exits 127 "a missing program" oci exec c1 nope
exits 126 "not a program" oci exec c1 /etc/passwd
check "environment of config.json, and --env" "$(oci exec -e MORE=2 c1 sh -c 'echo $PLANTED$MORE')" = 12
check "--cwd and --user" "$(oci exec --cwd /tmp --user 5:6 c1 sh -c 'pwd; id -u; id -g' | tr '\n' ' ')" = "/tmp 5 6 "
oci exec --detach --pid-file "$T/pid" c1 sleep 30
X=$(cat "$T/pid")
check "--detach: pid as the host sees it" "$(tr '\0' ' ' <"/proc/$X/cmdline")" = "sleep 30 "
check "in the container's cgroup" "$(sort "/proc/$X/cgroup" | tr '\n' ' ')" = "$(sort "/proc/$P/cgroup" | tr '\n' ' ')"
check "with its capabilities only" "$(grep -E 'Cap(Eff|Bnd|Inh)' "/proc/$X/status" | tr -d '\n')" = "$(grep -E 'Cap(Eff|Bnd|Inh)' "/proc/$P/status" | tr -d '\n')"
check "no descriptor of ours in it" "$(ls "/proc/$X/fd" | tr '\n' ' ')" = "0 1 2 "
echo '{"args":["sh","-c","id -u; pwd; exit 9"],"cwd":"/tmp","user":{"uid":7,"gid":7},"env":["PATH=/bin"]}' >"$T/process.json"
exits 9 "--process FILE" oci exec --process "$T/process.json" c1
check "runs exactly that" "$(tr '\n' ' ' <"$T/out")" = "7 /tmp "
check "a terminal over --console-socket" "$(python3 - "$BIN/minictr-oci" "$T" <<'PY'
import array, os, socket, subprocess, sys
oci, t = sys.argv[1:]
s = socket.socket(socket.AF_UNIX); s.bind(t + "/console"); s.listen(1)
p = subprocess.Popen([oci, "--root", t + "/oci", "exec", "--tty", "--console-socket", t + "/console", "c1", "sh", "-c", "tty; exit 4"])
c, _ = s.accept(); fds = array.array("i")
_, anc, _, _ = c.recvmsg(100, socket.CMSG_SPACE(4)); fds.frombytes(anc[0][2])
rc = p.wait(); out = b""
try:
    while True:
        d = os.read(fds[0], 100)
        if not d: break
        out += d
except OSError: pass
print(out.decode().strip(), rc)
PY
)" = "/dev/pts/0 4"

# options that say where and as whom
check "--additional-gids" "$(oci exec -g 7 --additional-gids 8,9 c1 id -G)" "~" "^0 .*7 8 9$"
exits 255 "... only numbers" oci exec -g wheel c1 true
for d in $(cgroup_dirs c1); do
	mkdir "$d/sub"
	for f in cpus mems; do [ -f /sys/fs/cgroup/cgroup.controllers ] || [ ! -f "$d/cpuset.$f" ] || cat "$d/cpuset.$f" >"$d/sub/cpuset.$f"; done # v1: empty at first
done
oci exec --cgroup sub c1 sleep 5 & EXEC=$!
inside_sub() { [ -n "$(cat $(cgroup_dirs c1 | sed 's,$,/sub/cgroup.procs,') 2>/dev/null)" ]; }
check "--cgroup: below the container's" "$(eventually 5 inside_sub && echo yes)" = yes
wait $EXEC
check "... the rest of them is not there" "$(oci exec c1 cat /proc/self/cgroup | grep -c sub)" = 0
exits 255 "... one that is missing is refused" oci exec --cgroup nosuch c1 true
exits 255 "... so is one outside" oci exec --cgroup ../.. c1 true
[ -f /sys/fs/cgroup/cgroup.controllers ] || only=memory:
exits 0 "... of one controller" oci exec --cgroup "${only:-}sub" c1 true
exits 255 "... of none" oci exec --cgroup nosuch:sub c1 true
if [ -e /sys/module/apparmor/parameters/enabled ] || [ -e /sys/kernel/security/apparmor/profiles ]; then skip "--apparmor" "this host has AppArmor"
else exits 255 "--apparmor without AppArmor is refused" oci exec --apparmor some c1 true; fi
if [ -e /sys/fs/selinux/enforce ]; then skip "--process-label" "this host has SELinux"
else exits 0 "--process-label without SELinux means nothing" oci exec --process-label a:b:c:s0 c1 true; fi
# before Linux 6.2 a cpuset forgets what was set before somebody came in
new=$(uname -r | awk -F. '{ print ($1 > 6 || $1 == 6 && $2 >= 2) }')
if [ "$(nproc)" -gt 1 ] && [ "$new" = 1 ]; then
	for when in initial final; do
		echo '{"args":["grep","Cpus_allowed_list","/proc/self/status"],"cwd":"/","user":{"uid":0,"gid":0},"env":["PATH=/bin"],"execCPUAffinity":{"'$when'":"1"}}' >"$T/process.json"
		check "execCPUAffinity.$when" "$(oci exec --process "$T/process.json" c1)" "~" ":.1$"
	done
else skip "execCPUAffinity.initial" "one processor, or Linux before 6.2"; skip "execCPUAffinity.final" "one processor, or Linux before 6.2"; fi
oci delete --force c1
