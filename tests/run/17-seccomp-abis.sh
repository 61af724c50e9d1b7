#!/bin/sh
# 17-seccomp-abis.sh - docker's filter on each ABI of an x86-64 kernel: a probe inside makes every call by syscall (64 bit, x32) and
# by int 0x80 (i386); what passes must be what the profile's text says. Forbidden socket families by every road to them.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
[ "$(uname -m)" = x86_64 ] || skip_all "the three ABIs are those of x86-64"
needs gcc || skip_all "needs gcc for the probe"
gen=$BIN/../gen/seccomp_default.h
[ -f "$gen" ] || skip_all "no $gen: only in a build tree"
plan 9
cat >"$T/probe.c" <<'C'
/* probe calls 64|x32|32 FROM TO: "NUMBER p" for each call that the filter refuses (SIGSYS is asked for instead of errno).
 * probe family ROAD: "FAMILY ERRNO" for families 0 to 60 and 40 + 2^32. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static long int80(long nr, long a, long b, long c)
{
	long rc;
	__asm__ volatile("push %%rbp; xor %%ebp, %%ebp; int $0x80; pop %%rbp" : "=a"(rc) : "0"(nr), "b"(a), "c"(b), "d"(c), "S"(-1L), "D"(-1L) : "r8", "r9", "r10", "r11", "memory");
	return (int)rc;
}
static long call(const char *abi, long nr)
{
	if (!strcmp(abi, "32")) return int80(nr, -1, -1, -1);
	long rc = syscall(!strcmp(abi, "x32") ? nr | 0x40000000 : nr, -1L, -1L, -1L, -1L, -1L, -1L);
	return rc < 0 ? -errno : rc;
}
static int family(const char *road, long family)
{
	static uint32_t *low; /* arguments of socketcall must lie below 4 GiB */
	if (!low) low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long rc;
	if (!strcmp(road, "socket")) rc = syscall(SYS_socket, family, 1, 0), rc = rc < 0 ? -errno : rc;
	else if (!strcmp(road, "x32")) rc = syscall(SYS_socket | 0x40000000, family, 1, 0), rc = rc < 0 ? -errno : rc;
	else if (!strcmp(road, "int80")) rc = int80(359, family, 1, 0);
	else { low[0] = (uint32_t)family; low[1] = 1; low[2] = 0; rc = int80(102, !strcmp(road, "socketcall") ? 1 : (1L << 32) + 1, (long)low, 0); }
	return rc < 0 ? (int)-rc : 0;
}
/* Does it sleep in its call? A child that has not run yet, on a busy or emulated machine, does not. */
static int sleeps(pid_t pid)
{
	char path[32], state = '?';
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *f = fopen(path, "r");
	if (f) fscanf(f, "%*d (%*[^)]) %c", &state), fclose(f);
	return state == 'S';
}
int main(int argc, char **argv)
{
	if (!strcmp(argv[1], "family")) {
		for (long f = 0; f <= 60; f++) printf("%ld %d\n", f, family(argv[2], f));
		printf("40+ %d\n", family(argv[2], (1L << 32) + 40));
		return 0;
	}
	for (long nr = atol(argv[3]); nr < atol(argv[4]); nr++) {
		pid_t pid = fork();
		int status;
		if (pid == 0) {
			setpgid(0, 0);
			long rc = call(argv[2], nr);
			_exit(rc == -EPERM ? 1 : rc == -ENOSYS ? 2 : 0);
		}
		struct pollfd end = { .fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
		int tries = 0;
		while (poll(&end, 1, 50) == 0 && !sleeps(pid) && ++tries < 200) continue;
		if (poll(&end, 1, 0) == 0) kill(pid, SIGKILL); /* it waits, with any signal blocked: so it was allowed */
		close(end.fd);
		waitpid(pid, &status, 0);
		printf("%ld %c\n", nr, WIFEXITED(status) ? "apnaaaaa"[WEXITSTATUS(status) & 7] : 'a');
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
probe() {  # NAME WORDS: in a container with the filter, its output in $T/NAME.out; and without, in $T/NAME.free
	name=$1; shift
	words=$(printf '"%s", ' "$@")
	bundle "$name" 'import json as j; c["linux"]["seccomp"] = j.load(open(T + "/default.json")); c["process"]["args"] = ["probe", '"$words"']'
	run "$name" >"$T/$name.out"
	bundle "$name-free" 'c["process"]["args"] = ["probe", '"$words"']'
	run "$name-free" >"$T/$name.free"
}
# Which calls of an ABI the profile's text allows without a condition, refuses, or leaves to arguments.
cat >"$T/expect.py" <<'P'
import json, re, sys
profile, header, abi, got, free = json.load(open(sys.argv[1])), sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5]
base = 0x40000000
numbers = {}
for m in re.finditer(r"#define __NR_(\w+)\s+(?:\(__X32_SYSCALL_BIT \+ (\d+)\)|(\d+))", open(header).read()):
    numbers[m[1]] = int(m[2] or m[3])
newer = "cachestat 451 fchmodat2 452 map_shadow_stack 453 futex_wake 454 futex_wait 455 futex_requeue 456 statmount 457 listmount 458 mseal 462 setxattrat 463 getxattrat 464 listxattrat 465 removexattrat 466".split()
if abi == "x32": newer = newer[:4] + newer[6:]; numbers.pop("map_shadow_stack", 0)  # not an x32 call
numbers.update({n: int(v) for n, v in zip(newer[::2], newer[1::2])})
allow, partly = set(), set()
for rule in profile["syscalls"]:
    for name in rule["names"]:
        if name in numbers:
            (partly if rule.get("args") or rule["action"] != "SCMP_ACT_ALLOW" else allow).add(numbers[name])
read = lambda path: dict(line.split() for line in open(path))
seen, without = read(got), read(free)
wrong = []
for nr in sorted(set(numbers.values())):
    if nr in partly - allow or str(nr) not in seen: continue
    s, w = seen[str(nr)], without[str(nr)]
    if nr in allow and s != w: wrong.append("%d allowed, got %s (without a filter %s)" % (nr, s, w))
    if nr not in allow and s == "a": wrong.append("%d refused, got a" % nr)
print(len(allow), "; ".join(wrong[:6]))
P
for abi in 64 x32 32; do
	probe "abi$abi" calls $abi 0 470
	out=$(python3 "$T/expect.py" "$T/default.json" "/usr/include/x86_64-linux-gnu/asm/unistd_$abi.h" $abi "$T/abi$abi.out" "$T/abi$abi.free")
	check "$abi: what passes is what the profile says" "$out" "~" '^3[0-9][0-9] $|^[4-9][0-9][0-9] $'
done
families="1 2 3 4 5 6 7 8 9 10 11 13 14 15 16 17 18 21 22 24 26 27 28 29 30 31 32 33 35 36 39 41 42 43 44 45"
for road in socket int80 x32 socketcall socketcall-high; do
	probe "f-$road" family $road
	# What the kernel itself refuses without a filter (AF_KEY wants CAP_NET_ADMIN where the module is there) says nothing.
	passed=$(awk -v all=" $families " 'NR == FNR {free[$1] = $2; next} $2 != 1 || (free[$1] == 1 && index(all, " " $1 " ")) {print $1}' \
		"$T/f-$road.free" "$T/f-$road.out" | paste -sd' ')
	case $road in
	socketcall*) check "$road: none, because the family stands behind a pointer" "$(awk '$2 != 1 {print $1}' "$T/f-$road.out" | paste -sd' ')" = "" ;;
	*) check "$road: the families of docker's newest profile, and no others" "$passed" = "$families" ;;
	esac
done
check "... without a filter they are asked of the kernel" "$(awk '$1 == 2 {print $2}' "$T/f-socketcall.free")" = 0
