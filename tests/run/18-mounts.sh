#!/bin/sh
# 18-mounts.sh - "mounts" beyond the everyday: recursive attributes, id-mapped, tmpcopyup, propagation, cgroup v1.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
mkdir -p "$T/src/sub"; echo data >"$T/src/file"; chown 1000:1000 "$T/src/file"
# Submounts of the test live in a mount namespace of its own: everything below runs in there.
if [ -z "${INSIDE:-}" ]; then rm -rf "$T"; INSIDE=1 exec unshare -m --propagation private sh "$0"; fi
plan 26
mount -t tmpfs sub "$T/src/sub"; echo low >"$T/src/sub/file"
bind() { echo "c[\"mounts\"].append({\"destination\": \"/mnt\", \"type\": \"bind\", \"source\": T + \"/src\", \"options\": $1})
"; }
write='sh("for f in /mnt/w /mnt/sub/w; do (echo x >$f) 2>/dev/null && echo ok || echo no; done")'

bundle rbind "$(bind '["rbind", "rw"]')
$write"; check "rbind: both writable" "$(run rbind | paste -sd' ')" = "ok ok"
bundle ro "$(bind '["rbind", "ro"]')
$write"; check "ro: the top alone is locked" "$(run ro | paste -sd' ')" = "no ok"
bundle rro "$(bind '["rbind", "rro"]')
$write"; check "rro: all below too" "$(run rro | paste -sd' ')" = "no no"
bundle rrorw "$(bind '["rbind", "rro", "rw"]')
$write"; check "rro,rw: all below but the top" "$(run rrorw | paste -sd' ')" = "ok no"
bundle nb "$(bind '["bind"]')
sh(\"ls /mnt/sub; echo end\")"; check "bind without r: submounts stay behind" "$(run nb | paste -sd' ')" = "end"
bundle rnx "$(bind '["rbind", "rnoexec", "rnosuid", "rnodev"]')
sh(\"grep -c ' /mnt.*nosuid,nodev,noexec' /proc/self/mountinfo\")"; check "rnoexec, rnosuid, rnodev reach submounts" "$(run rnx)" = 2
bundle at "$(bind '["rbind", "noatime"]')
sh(\"grep ' /mnt ' /proc/self/mountinfo\")"; check "noatime" "$(run at)" "~" "noatime"

bundle id 'c["mounts"].append({"destination": "/mnt", "type": "bind", "source": T + "/src", "options": ["bind", "idmap"], "uidMappings": [{"containerID": 1000, "hostID": 4000, "size": 10}], "gidMappings": [{"containerID": 1000, "hostID": 5000, "size": 10}]})
sh("stat -c \"%u %g\" /mnt/file")'
if run id >"$T/id.out"; then check "idmap: another owner is seen" "$(cat "$T/id.out")" = "4000 5000"
else skip "idmap" "$(head -c 100 "$T/id.err")"; fi
bundle idns 'c["linux"]["namespaces"].append({"type": "user"})
c["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 1500000000, "size": 65536}]
c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 1500000000, "size": 65536}]
c["mounts"].append({"destination": "/mnt", "type": "bind", "source": T + "/src", "options": ["bind", "ridmap"]})
sh("stat -c \"%u %g\" /mnt/file; echo mine >/mnt/made; stat -c %u /mnt/made")'
chmod 755 "$T"; chmod 777 "$T/src"
if run idns >"$T/id.out"; then check "idmap by the container's own map: files belong to who they belong to" "$(paste -sd' ' "$T/id.out") $(stat -c %u "$T/src/made")" = "1000 1000 0 0"
else skip "idmap in a user namespace" "$(head -c 100 "$T/idns.err")"; fi
bundle idbad "$(bind '["bind", "idmap"]')"
run idbad; check "idmap without maps is an error in words" "$(cat "$T/idbad.err")" "~" "needs uidMappings"

tmp() { echo "c[\"mounts\"].append({\"destination\": \"/mnt\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": $1})
"; }
look='sh("grep \" /mnt \" /proc/mounts")'
bundle idtmp "$(tmp '["idmap"]')"
run idtmp; check "idmap of what is no bind is an error in words" "$(cat "$T/idtmp.err")" "~" "only bind mounts can be id-mapped"
bundle rtmp "$(tmp '["rro", "rnoexec"]')
$look"; check "rro of a file system made here is ro" "$(run rtmp)" "~" " ro,noexec,"
bundle re "$(tmp '["size=64k"]'); $(tmp '["remount", "ro", "size=64k"]')
$look"; check "remount" "$(run re)" "~" "^tmpfs /mnt tmpfs ro.*size=64k"
bundle reb "$(tmp '["size=64k"]'); $(tmp '["remount", "bind", "ro", "noexec"]')
$look"; check "remount,bind: the mount alone" "$(run reb)" "~" "^tmpfs /mnt tmpfs ro,noexec"
bundle rel 'c["mounts"].append({"destination": "tmp/rel", "type": "tmpfs", "source": "tmpfs"}); sh("grep -c \" /tmp/rel \" /proc/mounts")'
check "a relative destination starts at /" "$(run rel)" = 1

mkdir -p "$T/rootfs/etc/deep"; echo one >"$T/rootfs/etc/deep/file"; chmod 640 "$T/rootfs/etc/deep/file"; chown 7:8 "$T/rootfs/etc/deep/file"; ln -sf deep/file "$T/rootfs/etc/link"
bundle up 'c["mounts"].append({"destination": "/etc", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "size=1m"]})
sh("cat /etc/link; stat -c \"%a %u %g\" /etc/deep/file; stat -f -c %T /etc; echo two >/etc/deep/file")'
check "tmpcopyup: a tmpfs with the image's files" "$(run up | paste -sd' ')" = "one 640 7 8 tmpfs"
check "... which stay as they were" "$(cat "$T/rootfs/etc/deep/file")" = one

mount --make-shared "$T/src/sub"
bundle sl2 'c["mounts"].append({"destination": "/mnt", "type": "bind", "source": T + "/src/sub", "options": ["bind", "rslave"]})
sh("grep \" /mnt \" /proc/self/mountinfo")'
check "rslave follows the host" "$(run sl2)" "~" " master:[0-9]+ "
bundle sh2 'c["mounts"].append({"destination": "/mnt", "type": "bind", "source": T + "/src/sub", "options": ["bind", "rshared"]})
sh("grep \" /mnt \" /proc/self/mountinfo")'
check "rshared goes both ways" "$(run sh2)" "~" " shared:[0-9]+ "
bundle rp 'c["linux"]["rootfsPropagation"] = "rshared"; sh("grep \" / \" /proc/self/mountinfo")'
check "rootfsPropagation" "$(run rp)" "~" " shared:[0-9]+ "
# A root that the host shares: what is mounted there later appears inside with slave, and never the other way round.
mkdir -p "$T/shared"; mount -t tmpfs shared "$T/shared"; mount --make-shared "$T/shared"; cp -a "$T/rootfs" "$T/shared/rootfs"
for p in slave private; do
	rm -f "$T/shared/rootfs/go"; mkdir -p "$T/shared/rootfs/mnt"
	bundle rp-$p 'c["root"]["path"] = T + "/shared/rootfs"; c["linux"]["rootfsPropagation"] = "'$p'"; sh("until [ -e /go ]; do sleep 0.1; done; ls /mnt")'
	run rp-$p >"$T/rp.out" & job=$!
	eventually 10 sh -c "'$BIN/minictr-oci' --root '$T/oci' state rp-$p | grep -q running"
	mount -t tmpfs later "$T/shared/rootfs/mnt"; touch "$T/shared/rootfs/mnt/later" "$T/shared/rootfs/go"
	wait $job; umount "$T/shared/rootfs/mnt"
	check "rootfsPropagation $p: a later mount of the host" "$(cat "$T/rp.out")" = "$([ $p = private ] || echo later)"
done
umount "$T/shared"
bundle rp2 'c["linux"]["rootfsPropagation"] = "sideways"'
run rp2; check "an unknown propagation is refused" "$RC" -ne 0
umount "$T/src/sub"

# --- mountinfo lists mounts by age: "/" is the first one, whoever clones the source of a bind ---
first="sh(\"awk 'NR==1{print \$5}' /proc/self/mountinfo; df / | awk 'END{print \$NF}'\")"
bundle first "$(bind '["rbind"]')
$first"; check "/ stands first" "$(run first | paste -sd' ')" = "/ /"
bundle firsts "$(bind '["rbind", "rslave"]')
$first"; check "also before a bind that follows the host" "$(run firsts | paste -sd' ')" = "/ /"
bundle firstu 'c["linux"]["namespaces"].append({"type": "user"})
c["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 1500000000, "size": 65536}]
c["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 1500000000, "size": 65536}]
'"$(bind '["rbind"]')
$first"; check "and in a user namespace" "$(run firstu | paste -sd' ')" = "/ /"
