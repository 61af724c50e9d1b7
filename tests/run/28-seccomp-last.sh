#!/bin/sh
# 28-seccomp-last.sh - the filter is our last act before execve: profiles that kill on every call outside the shortest possible
# list start all the same, with and without noNewPrivileges, by run and by exec, for a foreign ABI too.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
needs as ld || skip_all "needs as and ld (binutils)"
[ "$(uname -m)" = x86_64 ] || skip_all "the test programs are written for x86-64"
[ -z "${ASAN_OPTIONS:-}" ] || skip_all "the sanitizer makes system calls of its own"
plan 22
mkdir -p "$T/rootfs"; busybox_rootfs "$T/rootfs"
# seven: exit(7). rest: pause() for ever. seven32: exit(7) by int 0x80.
printf '.globl _start\n_start: mov $60,%%eax\n mov $7,%%edi\n syscall\n' | as -o "$T/o" - && ld -o "$T/rootfs/bin/seven" "$T/o"
printf '.globl _start\n_start: mov $34,%%eax\n syscall\n jmp _start\n' | as -o "$T/o" - && ld -o "$T/rootfs/bin/rest" "$T/o"
printf '.globl _start\n_start: mov $1,%%eax\n mov $7,%%ebx\n int $0x80\n' | as --32 -o "$T/o" - && ld -m elf_i386 -o "$T/rootfs/bin/seven32" "$T/o"
chmod 755 "$T"; chmod -R a+rX "$T/rootfs"

shortest='
c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_KILL_PROCESS", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [{"names": ["execve", "exit", "pause"], "action": "SCMP_ACT_ALLOW"}]}
c["process"]["args"] = ["seven"]
'
user='c["process"]["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5]}
'
nnp='c["process"]["noNewPrivileges"] = True
'
ends() { bundle "$2" "$3"; run "$2"; check "$1" "$RC $(cat "$T/$2.err")" = "7 "; }
ends "root, no_new_privs not set" a "$shortest"
ends "root, no_new_privs" b "$shortest$nnp"
ends "a user, no_new_privs not set" c "$shortest$user"
ends "a user, no_new_privs" d "$shortest$user$nnp"
ends "with ambient capabilities" e "$shortest$user"'c["process"]["capabilities"] = {k: ["CAP_NET_RAW"] for k in ("bounding", "effective", "permitted", "inheritable", "ambient")}'
ends "in a user namespace" f "$shortest"'c["linux"]["namespaces"].append({"type": "user"}); c["linux"]["uidMappings"] = c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 1000}]'
ends "behind a startContainer hook" g "$shortest"'c["hooks"] = {"startContainer": [{"path": "/bin/true"}]}'
ends "with a terminal" h "$shortest"'c["process"]["terminal"] = True; c["mounts"].append({"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"]})'
ends "as the child of --init, whose process 1 the filter kills as well" i "$(printf '%s' "$shortest" | sed 's/"pause"/"pause", "rt_sigprocmask", "wait4", "rt_sigtimedwait", "kill", "exit_group"/')
"'c["annotations"] = {"io.minictr.init": "true"}'
ends "a 32-bit program" j "$shortest"'c["linux"]["seccomp"]["architectures"].append("SCMP_ARCH_X86"); c["process"]["args"] = ["seven32"]'
ends "... with no_new_privs" k "$shortest$nnp"'c["linux"]["seccomp"]["architectures"].append("SCMP_ARCH_X86"); c["process"]["args"] = ["seven32"]'
ends "from the cache of filters" a "$shortest"
bundle l "$shortest"
MINICTR_EXPLAIN=2:2:0 oci run --bundle "$T/l" l </dev/null >/dev/null 2>"$T/l.err"; check "while explain tells of it" "$? $(grep -c 'seccomp(SECCOMP_SET_MODE_FILTER' "$T/l.err")" = "7 1"
bundle m "$shortest"'c["process"]["args"] = ["sh", "-c", "true"]'
run m; check "the filter is there: a shell is killed" "$RC" = 159
bundle n "$shortest"'c["process"]["args"] = ["nosuch"]'
run n; check "a missing program is still told" "$RC $(cat "$T/n.err")" "~" '^127 .*executable file not found'

for how in "" "$nnp"; do
	bundle x "$shortest$how"'c["process"]["args"] = ["rest"]'
	oci create --bundle "$T/x" x </dev/null >/dev/null 2>&1; oci start x
	oci exec x seven </dev/null; check "exec ${how:+with no_new_privs}" $? = 7
	oci exec --user 1000:1000 x seven </dev/null; check "exec as a user ${how:+with no_new_privs}" $? = 7
	[ -n "$how" ] || { oci exec x sh -c true </dev/null 2>/dev/null; check "... and it is filtered" $? = 159; }
	oci delete --force x
done

# What was kept for the filter is gone afterwards: CAP_SYS_ADMIN was ours until the exec.
bundle caps 'c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}
'"$user"'sh("grep Cap /proc/self/status")'
check "no capability is left to a user, CAP_SYS_ADMIN least of all" "$(run caps | awk '$1 != "CapBnd:" {print $2}' | sort -u)" = 0000000000000000
bundle keeper 'c["linux"]["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}
c["annotations"] = {"io.minictr.init": "true"}
sh("grep -E \"CapEff|^Seccomp:\" /proc/1/status /proc/self/status")'
run keeper >"$T/out"; check "process 1 of --init has the program's filter and no more capabilities than it" "$(awk '{print $2}' "$T/out" | sort | uniq -c | awk '{print $1}' | paste -sd' ')" = "2 2"
