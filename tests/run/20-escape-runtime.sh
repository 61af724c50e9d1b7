#!/bin/sh
# Attacks on the runtime itself: its executable, its descriptors, the working directory. Each must fail, and would succeed
# without the line of code it names.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
needs gcc || skip_all "needs gcc for the attackers"
plan 14

# --- CVE-2019-5736: whoever holds /proc/PID/exe of our init writes to it once we are gone (seal.c) ---
cat >"$T/hold.c" <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <errno.h>
struct attr { unsigned long long set, clr, prop, ns; };
/* hold PID: opens the executable of PID now; then tries, for a second, to open it for writing, also after having
 * tried to clear the mount's read-only flag. Prints what it got. */
int main(int argc, char **argv)
{
	char path[64], self[64];
	snprintf(path, sizeof(path), "/proc/%s/exe", argv[1]);
	int fd = open(path, O_RDONLY), w = -1;
	if (fd < 0) { printf("not opened: %s\n", strerror(errno)); return 1; }
	struct attr a = { 0, 1, 0, 0 };
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	for (int i = 0; i < 500 && w < 0; i++) {
		syscall(442, fd, "", 0x1000, &a, sizeof(a));
		w = open(self, O_WRONLY);
		if (w < 0 && errno != ETXTBSY) break;
		usleep(10000);
	}
	if (w >= 0) { printf("WRITTEN\n"); return 0; }
	printf("refused: %s\n", strerror(errno));
	return 1;
}
C
gcc -static -o "$T/rootfs/bin/hold" "$T/hold.c" || skip_all "no static C library"
cp "$BIN/minictr-oci" "$T/oci-copy"
sum=$(sha256sum <"$T/oci-copy")
BINARY=$BIN; mkdir -p "$T/bin"; cp "$BIN/minictr-oci" "$T/bin/minictr-oci"; BIN=$T/bin
bundle "$T/b" '.process.args=["sleep","60"] | .process.capabilities={"bounding":["CAP_SYS_ADMIN","CAP_SYS_PTRACE","CAP_DAC_OVERRIDE"],"effective":["CAP_SYS_ADMIN","CAP_SYS_PTRACE","CAP_DAC_OVERRIDE"],"permitted":["CAP_SYS_ADMIN","CAP_SYS_PTRACE","CAP_DAC_OVERRIDE"]}'
oci create -b "$T/b" c1 || not_ok "create"
"$T/rootfs/bin/hold" "$(pid c1)" >"$T/held" & H=$!
sleep 0.3
oci start c1 # now nobody runs that executable any more: only a read-only mount refuses
wait $H
check "who held the executable of our init cannot write to it later" "$(cat "$T/held")" "~" 'refused: Read-only'
check "a program in the container cannot write to the runtime that execs into it" "$(oci exec c1 sh -c 'for i in 1 2 3; do cp /proc/self/exe /dev/null; done; hold self' 2>&1)" "!~" WRITTEN
# #!/proc/self/exe: the image makes our own exec run our own executable
printf '#!/proc/self/exe\n' >"$T/rootfs/bin/evil"; chmod 755 "$T/rootfs/bin/evil"
oci exec c1 evil >"$T/out" 2>&1
check "an interpreter of /proc/self/exe changes nothing" "$(sha256sum <"$T/bin/minictr-oci")" = "$sum"
check "the runtime is what it was" "$(sha256sum <"$T/bin/minictr-oci")" = "$sum"
oci delete --force c1
BIN=$BINARY

# --- CVE-2024-21626: a descriptor leaked from the host as working directory (become.c, close_all_but) ---
mkdir -p "$T/secret"; echo planted >"$T/secret/f"
for n in 3 4 5 6 7 8 9 10 11 12; do
	bundle "$T/b" ".process.args=[\"cat\",\"f\"] | .process.cwd=\"/proc/self/fd/$n\""
	oci run -b "$T/b" l$n 9<"$T/secret" >>"$T/leak" 2>&1
done
check "no descriptor of the host is a working directory" "$(cat "$T/leak")" "!~" planted
bundle "$T/b" '.process.args=["sleep","60"]'
oci run -d -b "$T/b" c2 || not_ok "run -d"
for n in 3 4 5 6 7 8 9 10 11 12; do oci exec --cwd /proc/self/fd/$n c2 cat f 9<"$T/secret" >>"$T/leak2" 2>&1; done
check "nor of exec" "$(cat "$T/leak2")" "!~" planted
ln -sf /proc/self/fd/9 "$T/rootfs/leak"
check "nor through a link in the image" "$(oci exec --cwd /leak c2 cat f 9<"$T/secret" 2>&1)" "!~" planted
rm -f "$T/rootfs/leak"
check "what --preserve-fds hands over on purpose is there, and no working directory" "$(oci exec --preserve-fds 7 --cwd /proc/self/fd/9 c2 cat f 9<"$T/secret" 2>&1)" "!~" planted

# --- CVE-2016-9962: exec's process traced before it has given its rights away ---
check "exec is not dumpable while it is inside: its descriptors cannot be listed by others" "$(grep -c PR_SET_DUMPABLE "$HERE/minictr/runtime/exec.c")" -ge 1
cat >"$T/watch.c" <<'C'
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
/* Looks at every new process for a second and tries to read its descriptors and memory before it becomes the program. */
int main(void)
{
	for (int i = 0; i < 20000; i++) {
		for (int pid = 2; pid < 60; pid++) {
			char p[64], exe[256], comm[64] = "";
			snprintf(p, sizeof(p), "/proc/%d/comm", pid);
			int c = open(p, O_RDONLY);
			if (c < 0) continue;
			int n = read(c, comm, 60); close(c);
			if (n > 0) comm[n] = 0;
			if (!strstr(comm, "minictr-oci") && comm[0] >= 'a') continue;
			for (int fd = 3; fd < 12; fd++) {
				snprintf(p, sizeof(p), "/proc/%d/fd/%d", pid, fd);
				int k = readlink(p, exe, 255);
				if (k > 0) { exe[k] = 0; printf("SEEN %s %s\n", comm, exe); return 0; }
			}
		}
	}
	printf("nothing\n");
	return 0;
}
C
gcc -static -o "$T/rootfs/bin/watch2" "$T/watch.c"
oci exec c2 watch2 >"$T/watched" & W=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do oci exec c2 true; done
wait $W
check "and they were not, by a program that tries" "$(cat "$T/watched")" "!~" SEEN
oci delete --force c2

# --- CVE-2022-29162: inheritable capabilities; a leftover ambient set ---
check "no inheritable or ambient capability unless asked for" "$(inside i1 'grep -E "Cap(Inh|Amb)" /proc/self/status' | tr -d '\t\n')" = "CapInh:0000000000000000CapAmb:0000000000000000"

# --- the keyring of the caller (keyrings(7)) ---
cat >"$T/key.c" <<'C'
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) { printf("%ld\n", syscall(SYS_keyctl, 0, -3, 0)); return 0; } /* KEYCTL_GET_KEYRING_ID, session */
C
gcc -static -o "$T/rootfs/bin/key" "$T/key.c"
check "a session keyring of its own" "$(inside k1 key)" != "$("$T/rootfs/bin/key")"

# --- joining a container whose first process is dying: never the namespaces of whoever gets its pid next ---
bundle "$T/b" '.process.args=["sh","-c","sleep 0.2"]'
oci run -d -b "$T/b" c3
n=0; bad=0
while [ $n -lt 60 ]; do n=$((n + 1)); r=$(oci exec c3 readlink /proc/self/ns/mnt 2>/dev/null); [ "$r" != "$(readlink /proc/self/ns/mnt)" ] || bad=1; done
check "exec into a dying container never runs on the host" $bad = 0
oci delete --force c3

# --- an image's /etc/passwd and its like are data: the runtime reads none of them ---
mv "$T/rootfs/etc/passwd" "$T/rootfs/etc/passwd.real"; mkfifo "$T/rootfs/etc/passwd"; ln -s /proc/self/mem "$T/rootfs/etc/group.x"
check "a fifo as /etc/passwd does not stop a start" "$(timeout 10 sh -c ". '$HERE/tests/run/lib.sh' >/dev/null; :"; inside p1 'echo up')" = up
rm -f "$T/rootfs/etc/passwd"; mv "$T/rootfs/etc/passwd.real" "$T/rootfs/etc/passwd"

