#!/bin/sh
# Attacks through the image's own files: symlinks as mount targets, a false /dev/null, exchanged directories.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
plan 38

hostile() { rm -rf "$T/evil"; mkdir -p "$T/evil"; cp -a "$T/rootfs/bin" "$T/evil/bin"; mkdir -p "$T/evil/etc" "$T/evil/tmp"; }
evil() {  # NAME SCRIPT [FILTER]
	bundle "$T/e" "${3:-.} | .root.path=\"$T/evil\" | .root.readonly=false"
	jq --arg s "$2" '.process.args=["sh","-c",$s]' "$T/e/config.json" >"$T/e/c" && mv "$T/e/c" "$T/e/config.json"
	timeout 20 "$BIN/minictr-oci" --root "$T/oci" run -b "$T/e" "$1" 2>&1
}
mkdir -p "$T/outside/etc" "$T/outside/dev"; echo planted >"$T/outside/etc/f"
before=$(cd "$T/outside" && find . | sort; grep -c . /proc/self/mountinfo)

# --- CVE-2021-30465: targets that are symlinks out of the root ---
for target in proc dev sys; do
	hostile; ln -s "$T/outside" "$T/evil/$target"
	evil s1 'echo up' >"$T/out"
	check "/$target as an absolute link: nothing is mounted or made outside" "$(cd "$T/outside" && find . | sort; grep -c . /proc/self/mountinfo)" = "$before"
	hostile; ln -s ../../../../../../../../../"$T/outside" "$T/evil/$target"
	evil s2 'echo up' >"$T/out"
	check "/$target as a relative link that climbs" "$(cd "$T/outside" && find . | sort; grep -c . /proc/self/mountinfo)" = "$before"
done
hostile; mkdir -p "$T/evil/vol"; ln -s "$T/outside/etc" "$T/evil/vol/sub"; mkdir -p "$T/data"; echo mine >"$T/data/f"
evil s3 'cat /vol/sub/x/f; ls -d '"$T"'/outside/etc/x' ".mounts += [{destination:\"/vol/sub/x\",source:\"$T/data\",options:[\"bind\"]}]" >"$T/out"
check "a volume below a link lands inside" "$(cat "$T/out")" "~" '^mine'
check "and not outside" "$(ls "$T/outside/etc")" = f

# --- magic links: /proc/self/root and kin as parts of a target ---
hostile; mkdir "$T/evil/proc"; 
evil s4 'echo up' '.mounts += [{destination:"/proc/1/root/etc",type:"tmpfs",source:"tmpfs"}]' >"$T/out"
check "a target through /proc/1/root is refused" "$(cat "$T/out")" "!~" '^up'
check "and the host's /etc is what it was" "$(grep -c ' /etc ' /proc/self/mountinfo)" = 0

# --- CVE-2019-19921: /proc as a link that means one thing when it is mounted and nothing when it is masked: the tmpfs on /dev
# hides the image's /dev/x, so no path to mask is found, and the real proc lies open in /a. ---
for target in proc sys; do
	hostile; mkdir -p "$T/evil/dev" "$T/evil/a/p"; ln -s /a "$T/evil/dev/x"; ln -s /dev/x/p "$T/evil/$target"
	evil k1$target 'for f in /a/p/sys/kernel/core_pattern /a/p/sysrq-trigger; do [ -w $f ] && echo "OPEN $f"; done; ls /a/p; echo up' >"$T/out"
	check "/$target through a link of a directory that is covered later" "$(cat "$T/out")" "~" 'no ordinary directory'
	check "and nothing runs" "$(cat "$T/out")" "!~" 'OPEN|^up'
done
# The same with a volume that covers the link, and with a link as /dev (its nodes would be made in the volume).
hostile; mkdir -p "$T/evil/vol/x" "$T/evil/a/p" "$T/vol"; ln -s /a "$T/evil/vol/y"; ln -s /vol/y/p "$T/evil/proc"
check "/proc through a volume" "$(evil k2 'echo up' ".mounts += [{destination:\"/vol\",source:\"$T/vol\",options:[\"bind\"]}]")" "!~" '^up'
hostile; ln -s /vol "$T/evil/dev"; mkdir "$T/evil/vol"
check "/dev as a link to a volume" "$(evil k3 'echo up' ".mounts |= map(select(.destination | startswith(\"/dev\") | not)) | .mounts += [{destination:\"/vol\",source:\"$T/vol\",options:[\"bind\"]}]")" "!~" '^up'
check "no node is made in the volume" "$(ls "$T/vol" | wc -l)" = 0

# --- /proc mounted over: a volume whose target is a link of the image into /proc ---
mkdir -p "$T/fake"; echo fake >"$T/fake/exec"; echo fake >"$T/fakefile"
for to in /proc/self/attr /proc/sys /proc/1 /proc/fs; do
	hostile; ln -s $to "$T/evil/data"
	check "a volume is not mounted on $to" "$(evil o1 'echo up' ".mounts += [{destination:\"/data\",source:\"$T/fake\",options:[\"bind\"]}]")" "~" 'inside a proc file system'
done
hostile
check "nor on /proc/self/attr/exec by name" "$(evil o2 'echo up' ".mounts += [{destination:\"/proc/self/attr/exec\",source:\"$T/fakefile\",options:[\"bind\"]}]")" "~" 'inside a proc file system'
check "nor a tmpfs on /proc/sys" "$(evil o3 'echo up' '.mounts += [{destination:"/proc/sys",type:"tmpfs",source:"tmpfs"}]')" "~" 'inside a proc file system'
check "what lxcfs covers may be covered" "$(evil o4 'cat /proc/meminfo' ".mounts += [{destination:\"/proc/meminfo\",source:\"$T/fakefile\",options:[\"bind\"]}]")" = fake

# --- CVE-2025-31133: a false /dev/null for masks ---
hostile; mkdir -p "$T/evil/dev"; ln -s /proc/sysrq-trigger "$T/evil/dev/null"
check "masks come from the real null device, whatever the image calls so" "$(evil m1 'cat /proc/keys; stat -c %t:%T /proc/keys /dev/null' '.mounts |= map(select(.destination | startswith("/dev") | not))' | tr '\n' ' ')" = "1:3 1:3 "
check "a masked directory is empty and read-only" "$(evil m2 'ls /sys/firmware | wc -l; touch /sys/firmware/x 2>&1')" "~" 'Read-only'
# touch and a mode that it has already: should this fail, the host's device is still what it was
check "a masked file is the host's device: no new owner, mode or time, but it can be written" "$(evil m4 'touch /proc/keys 2>&1; chmod 666 /proc/keys 2>&1; echo x >/proc/keys && echo written' | tr '\n' ' ')" "~" 'touch.*Read-only.*chmod.*Read-only.*written'
check "a masked path stays masked for root inside with all of CAP_SYS_ADMIN taken away" "$(evil m3 'umount /proc/keys 2>&1; cat /proc/keys')" "!~" '[0-9a-f]{8}'

# --- devices: /dev/console, /dev/pts/ptmx planted by the image (CVE-2025-52565) ---
python3 - "$T/console.sock" >"$T/console.out" 2>&1 <<'P' &
import os, socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1] + "~"); s.listen(9); __import__("os").rename(sys.argv[1] + "~", sys.argv[1]); s.settimeout(60)
while True:
    c, _ = s.accept(); socket.recv_fds(c, 64, 1); print("terminal", flush=True)
P
PIDS="$PIDS $!"; eventually 5 test -S "$T/console.sock"
tty() {  # NAME FILTER SCRIPT: a container with a terminal, without the tmpfs on /dev
	bundle "$T/tty" "$2 | .root.path=\"$T/evil\" | .root.readonly=false | .process.terminal=true"
	jq --arg s "$3" '.process.args=["sh","-c",$s]' "$T/tty/config.json" >"$T/tty/c" && mv "$T/tty/c" "$T/tty/config.json"
	timeout 20 "$BIN/minictr-oci" --root "$T/oci" run -d -b "$T/tty" --console-socket "$T/console.sock" "$1" 2>&1
}
NODEV='.mounts |= map(select(.destination | startswith("/dev") | not))'
hostile; mkdir -p "$T/evil/dev/pts"; mknod "$T/evil/dev/pts/ptmx" c 5 2
check "a planted /dev/pts/ptmx is not taken for a terminal: the host's own device" "$(tty t1 "$NODEV" true)" "~" 'is not a terminal multiplexer'
rm "$T/evil/dev/pts/ptmx"; mkfifo "$T/evil/dev/pts/ptmx"
check "nor a fifo, and nobody waits for it" "$(tty t2 "$NODEV" true)" "~" 'is not a terminal multiplexer'
hostile; mkdir -p "$T/evil/dev"; ln -s "$T/outside/console" "$T/evil/dev/console"
tty t3 "$NODEV"' | .mounts += [{destination:"/dev/pts",type:"devpts",source:"devpts",options:["newinstance","ptmxmode=0666"]}]' 'stat -L -c "%t:%T %F" /dev/console >/tmp/said; sleep 60' >"$T/out"
eventually 5 test -s "$T/evil/tmp/said"
check "a planted /dev/console is followed inside and is the container's terminal" "$(cat "$T/out" "$T/evil/tmp/said")" = "88:0 character special file"
check "nothing is made outside" "$(ls "$T/outside")" = "$(printf 'dev\netc')"
oci delete --force t3

# --- a volume that the image has as a link to /dev: a neighbour exchanges our node for a link before chmod(2) follows it ---
cat >"$T/swap.c" <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* swap DIR TARGET: for ever; whatever is a device in DIR becomes a link to TARGET */
int main(int argc, char **argv)
{
	static const char *const names[] = { "null", "zero", "full", "random", "urandom", "tty" };
	struct stat st;
	if (chdir(argv[1]) < 0) return 1;
	for (;;)
		for (int i = 0; i < 6; i++)
			if (lstat(names[i], &st) == 0 && S_ISCHR(st.st_mode)) {
				(void)!symlink(argv[2], ".l");
				if (rename(".l", names[i]) == 0)
					close(open("../swapped", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
			}
}
C
if gcc -O1 -static -o "$T/swap" "$T/swap.c" 2>/dev/null; then
	mkdir -p "$T/nodes"; echo mine >"$T/victim"; chmod 600 "$T/victim"
	"$T/swap" "$T/nodes" "$T/victim" & R=$!; PIDS="$PIDS $R"
	hostile; ln -s /dev "$T/evil/data"
	# A start whose input is /dev/null needs the container's own and is refused while the neighbour has exchanged it. On a
	# quick machine that is every such start; the others, with a pipe, always come as far as the masks.
	race() { evil "n$1" "stat -c %t:%T /proc/keys" ".mounts += [{destination:\"/data\",source:\"$T/nodes\",options:[\"bind\"]}]"; }
	i=0; while [ $i -lt 60 ] && [ "$(stat -c %a "$T/victim")" = 600 ]; do
		i=$((i + 1)); race $i </dev/null >>"$T/masks"; i=$((i + 1)); : | race $i >>"$T/piped"
	done
	kill $R; wait $R 2>/dev/null
	check "a file of the host keeps its mode" "$(stat -c %a "$T/victim")" = 600
	check "and masks are the host's null device, whatever becomes of the container's (CVE-2025-31133)" "$({ grep -v "has no null device" "$T/masks" | grep :; cat "$T/piped"; } | sort -u)" = 1:3
	check "the neighbour was quick enough to try" "$(ls "$T/swapped")" = "$T/swapped"
else skip "a file of the host keeps its mode" "needs gcc"; skip "masks are the host's null device" "needs gcc"; skip "the neighbour was quick enough to try" "needs gcc"; fi

# --- a bind that is to be read-only is never writable, not for a moment; its submounts are named ---
check "a read-only bind" "$(evil r1 'echo x >/v/f; cat /v/f' ".mounts += [{destination:\"/v\",source:\"$T/data\",options:[\"rbind\",\"ro\"]}]")" "~" 'Read-only'
check "the host's copy is what it was" "$(cat "$T/data/f")" = mine

# --- two containers that share a volume and exchange a directory for a link while the other one starts ---
hostile; mkdir -p "$T/shared/d"; bad=0
( i=0; while [ $i -lt 400 ]; do i=$((i + 1)); mv "$T/shared/d" "$T/shared/e" 2>/dev/null; ln -s "$T/outside" "$T/shared/d" 2>/dev/null; rm -f "$T/shared/d" 2>/dev/null; mv "$T/shared/e" "$T/shared/d" 2>/dev/null; done ) & R=$!
for i in 1 2 3 4 5 6 7 8 9 10; do
	evil x$i 'true' ".mounts += [{destination:\"/s\",source:\"$T/shared\",options:[\"bind\"]},{destination:\"/s/d/n\",type:\"tmpfs\",source:\"tmpfs\"}]" >/dev/null
	[ ! -e "$T/outside/n" ] || bad=1
done
kill $R 2>/dev/null; wait $R 2>/dev/null
check "a race on a mount target never leads out" $bad = 0
