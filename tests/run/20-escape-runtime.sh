#!/bin/sh
# Attacks on the runtime itself: its executable, its descriptors, the working directory. Each must fail, and would succeed
# without the line of code it names.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
needs gcc || skip_all "needs gcc for the attackers"
plan 26

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
/* hold PID: opens the executable of PID now; then tries, for half a minute, to open it for writing, also after having
 * tried to clear the mount's read-only flag. Prints what it got. */
int main(int argc, char **argv)
{
	char path[64], self[64];
	snprintf(path, sizeof(path), "/proc/%s/exe", argv[1]);
	int fd = open(path, O_RDONLY), w = -1;
	if (fd < 0) { printf("not opened: %s\n", strerror(errno)); return 1; }
	struct attr a = { 0, 1, 0, 0 };
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	for (int i = 0; i < 3000 && w < 0; i++) {
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

# --- descriptors: from the clone on (close_foreign), not only after the program's exec ---
mkdir -p "$T/secret"; echo planted >"$T/secret/f"
bundle "$T/b" '.process.args=["sleep","60"]'
oci create -b "$T/b" d1 9<"$T/secret"
check "the waiting init has no descriptor of its caller" "$(ls -l "/proc/$(pid d1)/fd")" "!~" "$T/secret"
oci delete --force d1

# --- CVE-2024-21626: a descriptor leaked from the host as working directory (become.c, close_all_but) ---
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

# --- CVE-2016-9962: a process of ours traced or looked through before it has given its rights away. Container roots with all
# capabilities in a user namespace of their own: nothing but PR_SET_DUMPABLE stands between them and our processes. ---
MAP='[{"containerID":0,"hostID":1500000000,"size":65536}]'
CAPS=$(awk '{print "\"CAP_" toupper($1) "\""}' <<-X | paste -sd,
	chown
	dac_override
	dac_read_search
	fowner
	kill
	setgid
	setuid
	setpcap
	net_admin
	sys_module
	sys_rawio
	sys_chroot
	sys_ptrace
	sys_admin
	mknod
	X
)
ROOT=".process.capabilities={bounding:[$CAPS],effective:[$CAPS],permitted:[$CAPS]}"
cat >"$T/watch.c" <<'C'
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <fcntl.h>
/* Waits for the next pid and tries to read a link of that process until it has become the program. */
int main(void)
{
	int next = getpid() + 1, met = 0;
	for (long i = 0; i < 200000000 && met < 3; i++) {
		char p[64], link[64], comm[64] = "";
		snprintf(p, sizeof(p), "/proc/%d/comm", next);
		int c = open(p, O_RDONLY), n = c < 0 ? -1 : (int)read(c, comm, 60);
		if (c >= 0) close(c);
		if (n <= 0) continue;
		if (!strcmp(comm, "sleep\n")) { next++, met++; continue; }
		snprintf(link, sizeof(link), "/proc/%d/fd/0", next);
		int k = readlink(link, comm, 60), again = open(p, O_RDONLY); /* still ours, after the look as before it? */
		if (again < 0) continue;
		n = read(again, comm, 60); close(again);
		if (k > 0 && n > 0 && strncmp(comm, "sleep", 5)) { printf("SEEN\n"); return 0; }
	}
	printf("nothing in %d\n", met);
	return 0;
}
C
gcc -static -o "$T/rootfs/bin/watch2" "$T/watch.c"
# After it has given its rights away it is an equal of those inside; a PATH of forty thousand folders makes that last.
long=$(python3 -c 'print("/x:" * 40000 + "/bin")')
oci exec c2 watch2 >"$T/watched" & W=$!
sleep 0.3
for i in 1 2 3; do oci exec -e PATH="$long" c2 sleep 1; done
wait $W
check "exec is not dumpable: nobody inside looks into it before it is the program, or gets ahead of its filter" "$(cat "$T/watched")" = "nothing in 3"
oci delete --force c2
bundle "$T/b" "$ROOT | .process.args=[\"sleep\",\"60\"] | .linux.namespaces += [{type:\"user\"}] | .linux.uidMappings=$MAP | .linux.gidMappings=$MAP"
oci run -d -b "$T/b" u1 || not_ok "a user namespace"
# A second container in these namespaces, caught by a hook between its clone and its pivot: its "/" is still the host's.
printf '#!/bin/sh\nsleep 2\n' >"$T/hook"; chmod 755 "$T/hook"
P=$(pid u1)
bundle "$T/b2" "$ROOT | .process.args=[\"sleep\",\"60\"] | del(.hostname) | .hooks={createContainer:[{path:\"$T/hook\"}]} | .linux.namespaces=[{type:\"mount\"},{type:\"user\",path:\"/proc/$P/ns/user\"},{type:\"pid\",path:\"/proc/$P/ns/pid\"},{type:\"network\",path:\"/proc/$P/ns/net\"},{type:\"ipc\",path:\"/proc/$P/ns/ipc\"}]"
oci create -b "$T/b2" u2 2>"$T/out" & C=$!
sleep 1
oci exec u1 sh -c 'for p in /proc/[0-9]*; do case $(cat $p/comm) in minictr*|3) echo init; ls -d $p/root/var $p/fd/*; esac; done' >"$T/seen" 2>&1
wait $C
check "a create is seen from the namespaces it shares" "$(cat "$T/seen")" "~" '^init'
check "but not its root, which is still the host's, nor its descriptors" "$(cat "$T/seen")" "!~" '/root/var$|/fd/[0-9]+$'
check "and it comes up" "$(status u2)" = created
oci delete --force u2; oci delete --force u1
# The same between equals without a user namespace: whoever may trace the waiting init is in it before its filter is.
bundle "$T/b" '.process.args=["sleep","60"]'
oci run -d -b "$T/b" c2
bundle "$T/b2" ".process.args=[\"sleep\",\"60\"] | del(.hostname) | .linux.namespaces=[{type:\"mount\"},{type:\"pid\",path:\"/proc/$(pid c2)/ns/pid\"}]"
oci create -b "$T/b2" c4
check "an init that waits for start cannot be looked into by a neighbour in its pid namespace" "$(oci exec c2 sh -c 'for p in /proc/[0-9]*; do case $(cat $p/comm) in minictr*) echo init; for l in $p/exe $p/root $p/cwd $p/fd/*; do readlink $l; done; esac; done' 2>&1 | tr '\n' ' ')" = "init "
oci delete --force c4; oci delete --force c2

# --- CVE-2022-29162: inheritable capabilities; a leftover ambient set ---
check "no inheritable or ambient capability unless asked for" "$(inside i1 'grep -E "Cap(Inh|Amb)" /proc/self/status' | tr -d '\t\n')" = "CapInh:0000000000000000CapAmb:0000000000000000"

if needs setpriv; then
	bundle "$T/b" '.process.args=["sh","-c","grep CapAmb /proc/self/status"] | .process.capabilities={bounding:["CAP_NET_RAW"],permitted:["CAP_NET_RAW"],effective:["CAP_NET_RAW"],inheritable:["CAP_NET_RAW"]}'
	check "an ambient capability of our caller is not the program's, though it may inherit it" "$(setpriv --inh-caps +net_raw --ambient-caps +net_raw "$BIN/minictr-oci" --root "$T/oci" run -b "$T/b" a1 | tr -d '\t')" = CapAmb:0000000000000000
else skip "an ambient capability of our caller" "needs setpriv"; fi

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
# The same, held up: it ends after it was found alive and before its namespaces are looked at.
if needs strace; then
	oci delete --force c3; bundle "$T/b" '.process.args=["sleep","1"]'; oci run -d -b "$T/b" c3
	check "... nor when it ends in the middle of exec" "$(strace -f -qq -P /proc/self/ns/user -e trace=newfstatat -e inject=newfstatat:delay_exit=2000000 -o /dev/null "$BIN/minictr-oci" --root "$T/oci" exec c3 readlink /proc/self/ns/mnt 2>&1)" "~" '^minictr-oci: .*(ending|ended|not running)'
else skip "... nor when it ends in the middle of exec" "needs strace"; fi
oci delete --force c3

# --- a pid that is used again: the record says 1 start time, the process of that number has another ---
bundle "$T/b" '.process.args=["true"]'
oci run -d -b "$T/b" c5
eventually 5 sh -c "[ \"\$('$BIN/minictr-oci' --root '$T/oci' state c5 | jq -r .status)\" = stopped ]"
sleep 300 & other=$!; PIDS="$PIDS $other"
jq ".pid=$other" "$T/oci/c5/state.json" >"$T/forged" && cp "$T/forged" "$T/oci/c5/state.json"
oci exec c5 true 2>/dev/null && not_ok "exec follows a pid that is somebody else's" || ok "exec does not follow a pid that is somebody else's"
oci kill c5 KILL 2>/dev/null; oci kill --all c5 KILL 2>/dev/null; oci delete --force c5
kill -0 $other 2>/dev/null && ok "kill and delete leave it alone" || not_ok "kill and delete leave it alone"

# --- names that are paths ---
bundle "$T/b" '.process.args=["sleep","60"]'; mkdir -p "$T/oci/x"; bad=""
for id in ../x x/../../y /x . .. "" "a b" "$(printf 'a\033b')"; do oci create -b "$T/b" "$id" 2>/dev/null && bad="$bad <$id>"; done
check "ids with slashes, dots in front, blanks or control characters are refused" "$bad" = ""
rmdir "$T/oci/x"
oci run -d -b "$T/b" c6
exits 255 "exec --cgroup ../.. does not leave the container's group" oci exec --cgroup ../.. c6 true
exits 255 "nor by an absolute path and dots" oci exec --cgroup /../../.. c6 true
oci delete --force c6

# --- a state folder in /tmp that somebody made before us: hooks of a config.json planted there would be ours to run ---
mkdir "$T/taken"; chown 4242 "$T/taken"
check "a state folder of another user is not used" "$("$BIN/minictr-oci" --root "$T/taken" create -b "$T/b" c7 2>&1)" "~" "belongs to another user"
chown 0 "$T/taken"; chmod 777 "$T/taken"
check "nor one that all may write to" "$("$BIN/minictr-oci" --root "$T/taken" state c7 2>&1)" "~" "can be written by others"
