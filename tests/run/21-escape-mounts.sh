#!/bin/sh
# Attacks through the image's own files: symlinks as mount targets, a false /dev/null, exchanged directories.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
plan 17

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

# --- CVE-2025-31133: a false /dev/null for masks ---
hostile; mkdir -p "$T/evil/dev"; ln -s /proc/sysrq-trigger "$T/evil/dev/null"
check "masks come from the real null device, whatever the image calls so" "$(evil m1 'cat /proc/keys; stat -c %t:%T /proc/keys /dev/null' '.mounts |= map(select(.destination | startswith("/dev") | not))' | tr '\n' ' ')" = "1:3 1:3 "
check "a masked directory is empty and read-only" "$(evil m2 'ls /sys/firmware | wc -l; touch /sys/firmware/x 2>&1')" "~" 'Read-only'
check "a masked path stays masked for root inside with all of CAP_SYS_ADMIN taken away" "$(evil m3 'umount /proc/keys 2>&1; cat /proc/keys')" "!~" '[0-9a-f]{8}'

# --- devices: /dev/console, /dev/pts/ptmx planted by the image ---
hostile; mkdir -p "$T/evil/dev/pts"; ln -s "$T/outside/etc/f" "$T/evil/dev/console"
check "a planted /dev/pts/ptmx is not taken for a terminal" "$(timeout 20 script -qec "$BIN/minictr-oci --root $T/oci run -b $T/tty t1" /dev/null </dev/null 2>&1; cat "$T/outside/etc/f")" "~" planted

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
