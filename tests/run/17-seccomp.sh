#!/bin/sh
# 17-seccomp.sh - which system calls pass, asked one by one by a probe inside; the same answers as crun gives for the same file.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
needs gcc || skip_all "needs gcc for the probe"
gen=$BIN/../gen/seccomp_default.h
[ -f "$gen" ] || skip_all "no $gen: only in a build tree"
plan 23
cat >"$T/probe.c" <<'C'
/* Prints for each system call number: a(llowed), p (EPERM), n (ENOSYS), k(illed by the filter). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	int from = argc > 2 ? atoi(argv[1]) : 0, to = argc > 2 ? atoi(argv[2]) : 480;
	for (int nr = from; nr < to; nr++) {
		int status;
		pid_t pid = fork();
		if (pid == 0) {
			signal(SIGALRM, SIG_DFL);
			ualarm(150000, 0);
			setpgid(0, 0);
			long rc = nr == SYS_kill ? 0 : syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L);
			syscall(SYS_exit_group, rc == -1 && errno == EPERM ? 1 : rc == -1 && errno == ENOSYS ? 2 : 0);
		}
		waitpid(pid, &status, 0);
		printf("%d %c\n", nr, WIFSIGNALED(status) ? (WTERMSIG(status) == SIGSYS ? 'k' : 'a') : "apnaaaaa"[WEXITSTATUS(status) & 7]);
		fflush(stdout);
	}
	return 0;
}
C
mkdir -p "$T/rootfs"; busybox_rootfs "$T/rootfs"
gcc -static -O1 -w -o "$T/rootfs/bin/probe" "$T/probe.c" || skip_all "cannot build a static probe"
python3 - "$gen" >"$T/default.json" <<'P'
import re, sys
text = open(sys.argv[1]).read().split("seccomp_default_resolved[] =")[1].split(";\n")[0]
sys.stdout.write("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)).replace('\\"', '"'))
P
filter='import json as j; c["linux"]["seccomp"] = j.load(open(T + "/default.json")); c["process"]["args"] = ["probe"]
'
bundle p "$filter"
run p >"$T/ours"; check "the probe runs under docker's filter" "$(wc -l <"$T/ours")" -eq 480
allowed() { awk '$2 == "a" {print $1}' "$1"; }
n=$(allowed "$T/ours" | wc -l)
check "most calls pass" "$n" -gt 280
check "mount, unshare, reboot, bpf, kexec do not" "$(awk '$1==165||$1==272||$1==169||$1==321||$1==246 {print $2}' "$T/ours" | sort -u)" = p
check "clone3 does not exist" "$(awk '$1==435 {print $2}' "$T/ours")" = n
check "calls newer than the profile do not exist" "$(awk '$1==475 {print $2}' "$T/ours")" = n
check "nothing is killed" "$(awk '$2=="k"' "$T/ours")" = ""
if needs crun; then
	bundle pc "$filter"'c["ociVersion"] = "1.0.2"' # older ones know no newer word
	# crun refuses hosts with both versions: hide cgroup2 from it, in a mount namespace of its own.
	unshare -m sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec crun "$@"' crun --root "$T/crun" run --bundle "$T/pc" "crun-$(basename "$T")" >"$T/crun.out" 2>"$T/crun.err" </dev/null
	cat $T/crun.err >&2; 	check "the same calls pass as under crun with the same file (451 and later: crun has what its libseccomp knows)" "$(allowed "$T/ours" >"$T/a"; allowed "$T/crun.out" | diff "$T/a" - | awk '$2 < 451 && /[<>]/' | paste -sd' ')$(sed 1q "$T/crun.err")" = ""
else skip "same as crun" "crun is not installed (make peers)"; fi
bundle free 'c["process"]["args"] = ["probe", "160", "170"]'
check "without a filter mount is asked of the kernel" "$(run free | awk '$1==165 {print $2}')" "~" "^[ap]$"
check "... Seccomp: 0" "$(bundle s0 'sh("grep ^Seccomp: /proc/self/status")'; run s0 | cut -f2)" = 0
bundle s2 "$filter"'sh("grep -E \"^Seccomp:|^NoNew\" /proc/self/status")'
check "with it Seccomp: 2, and no_new_privs stays as asked" "$(run s2 | cut -f2 | paste -sd' ')" = "0 2"
bundle s3 "$filter"'c["process"]["noNewPrivileges"] = True; c["process"]["user"] = {"uid": 1000, "gid": 1000}; sh("grep -E \"^Seccomp:|^NoNew\" /proc/self/status")'
check "an ordinary user with no_new_privs too" "$(run s3 | cut -f2 | paste -sd' ')" = "1 2"

own='c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}, {"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_KILL_PROCESS"}]}
'
bundle own "$own"'sh("mkdir /tmp/x; chmod 755 /tmp; echo $?")'
run own >"$T/own.out"; check "own rules: errnoRet" "$(cat "$T/own.err")" "~" "No space left"
check "own rules: kill" "$(tail -1 "$T/own.out")" = 159
check "the compiled filter is kept for the next time" "$(ls "$T/oci/.seccomp" | wc -l)" -gt 0
bundle bad 'c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_SING"}'
run bad; check "an unknown action is an error in words" "$(cat "$T/bad.err")" "~" "unknown action SCMP_ACT_SING"

cat >"$T/agent.py" <<'P'
import array, fcntl, socket, struct, sys, threading
# struct seccomp_notif { u64 id; u32 pid, flags; struct seccomp_data data(64) } = 80; resp { u64 id; s64 val; s32 error; u32 flags } = 24
def answer(c, out):
    fds = array.array("i")
    msg, anc, _, _ = c.recvmsg(65536, socket.CMSG_LEN(4))
    for level, kind, data in anc: fds.frombytes(data[:4])
    open(out, "wb").write(msg)
    while True:
        req = bytearray(80)
        try:
            fcntl.ioctl(fds[0], 0xc0502100, req)
            fcntl.ioctl(fds[0], 0xc0182101, struct.pack("QqiI", struct.unpack_from("Q", req)[0], 0, -122, 0))
        except OSError: return
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1] + "~"); s.listen(5); __import__("os").rename(sys.argv[1] + "~", sys.argv[1])
while True: threading.Thread(target=answer, args=(s.accept()[0], sys.argv[2]), daemon=True).start()
P
background timeout 20 python3 "$T/agent.py" "$T/agent.sock" "$T/agent.msg"; eventually 5 test -S "$T/agent.sock"
bundle notify 'c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": T + "/agent.sock", "listenerMetadata": "hello", "syscalls": [{"names": ["mkdir", "mkdirat", "sendmsg"], "action": "SCMP_ACT_NOTIFY"}]}
sh("mkdir /tmp/y")'
run notify; check "the agent answers for the kernel" "$(cat "$T/notify.err")" "~" "[Qq]uota exceeded"
check "... and was told whose calls these are" "$(cat "$T/agent.msg")" "~" '"fds":\["seccompFd"\].*"pid":[1-9].*"metadata":"hello".*"id":"notify"'
bundle un 'c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/no/such/socket"}; sh("echo ran")'
check "listenerPath is ignored when no rule notifies" "$(run un)" = ran
bundle nnp 'c["process"]["noNewPrivileges"] = True; c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": T + "/agent.sock", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}
c["hooks"] = {"startContainer": [{"path": "/bin/true"}]}; sh("mkdir /tmp/y")'
rm -f "$T/agent.msg"; run nnp; check "the same with noNewPrivileges, the filter last" "$(cat "$T/agent.msg")" "~" '"pid":[1-9][0-9]+.*"state":.*"id":"nnp"'
bundle many 'c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28, "args": [{"index": i, "value": k, "op": "SCMP_CMP_EQ"} for k in [*range(20), 0o777] for i in (1, 2)]}]}
sh("mkdir /tmp/z")'
run many; check "more than sixteen conditions all count" "$(cat "$T/many.err")" "~" "No space left"
bundle nx "$own"'sh("sleep 30")'
oci create --bundle "$T/nx" nx </dev/null >/dev/null 2>&1; oci start nx
oci exec nx sh -c 'mkdir /tmp/z' 2>"$T/err"; check "exec is filtered like the container" "$(cat "$T/err")" "~" "No space left"
bundle nx 'c["hostname"] = "changed"; c["linux"].pop("seccomp", 0)'
oci exec nx sh -c 'mkdir /tmp/z' 2>"$T/err"; check "... also when config.json has changed since" "$(cat "$T/err")" "~" "No space left"
bundle na 'c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": T + "/agent.sock", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}
sh("sleep 30")'
oci create --bundle "$T/na" na </dev/null >/dev/null 2>&1; oci start na
oci exec na sh -c 'mkdir /tmp/z' 2>"$T/err"; check "exec has its agent too" "$(cat "$T/err")" "~" "[Qq]uota exceeded"
