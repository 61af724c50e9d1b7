#!/bin/sh
# Namespaces joined by path or left out: pods, --net=container:X, --pid=host; descriptors handed over on purpose.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
plan 27

bundle "$T/a" '.process.args=["sleep","60"]'
oci run -d -b "$T/a" a || not_ok "run -d"
P=$(pid a)
bundle "$T/b" ".process.args=[\"sleep\",\"60\"] | .linux.namespaces=[{type:\"mount\"},{type:\"uts\"},{type:\"cgroup\"},{type:\"pid\",path:\"/proc/$P/ns/pid\"},{type:\"network\",path:\"/proc/$P/ns/net\"},{type:\"ipc\",path:\"/proc/$P/ns/ipc\"}]"
exits 0 "a container in the namespaces of another" oci run -d -b "$T/b" b
Q=$(pid b)
for ns in net ipc pid; do check "the same $ns namespace" "$(readlink "/proc/$Q/ns/$ns")" = "$(readlink "/proc/$P/ns/$ns")"; done
check "a mount namespace of its own" "$(readlink "/proc/$Q/ns/mnt")" != "$(readlink "/proc/$P/ns/mnt")"
check "they see each other's processes" "$(oci exec a sh -c 'cat /proc/[0-9]*/cmdline | tr "\0" " "')" "~" 'sleep 60 sleep 60'
check "exec into the second joins the shared ones too" "$(oci exec b readlink /proc/self/ns/net)" = "$(readlink "/proc/$P/ns/net")"
exits 0 "kill KILL of one that shares its pid namespace" oci kill b KILL
eventually 5 sh -c "[ \"\$('$BIN/minictr-oci' --root '$T/oci' state b | jq -r .status)\" = stopped ]" && ok "it is stopped" || not_ok "it is stopped" "$(status b)"
check "the other one lives" "$(status a)" = running
oci delete b

# A mount namespace that the caller prepared: root and mounts are made in it, as runc does.
bundle "$T/m" ".root={path:\"rootfs\",readonly:true} | .process.args=[\"sh\",\"-c\",\"readlink /proc/self/ns/mnt; ls /rooted /prepared; touch /x 2>/dev/null || echo ro; exec sleep 60\"] | .hostname=\"own\" | .linux.namespaces=[{type:\"uts\"},{type:\"pid\"}]"
mkdir -p "$T/m/rootfs/rooted" "$T/m/rootfs/prepared"
background unshare -m sh -c 'mount -t tmpfs prepared "$1"; : >"$1/here"; exec sleep 61' - "$T/m/rootfs/prepared"; O=$BG
eventually 5 grep -q prepared "/proc/$O/mountinfo"
jq ".linux.namespaces += [{type:\"mount\",path:\"/proc/$O/ns/mnt\"}]" "$T/m/config.json" >"$T/m/new" && mv "$T/m/new" "$T/m/config.json"
oci --log "$T/err" run -b "$T/m" m >"$T/m/out" 2>"$T/m/err" </dev/null & runner=$!
eventually 10 grep -q '^ro' "$T/m/out"
check "a mount namespace joined by path: the root is made in it" "$(paste -sd' ' "$T/m/out")" = "$(readlink "/proc/$O/ns/mnt") /prepared: here  /rooted: ro"
check "... the owner's / is the container's now" "$(ls "/proc/$O/root" | grep -c rooted)" = 1
check "... and the caller's is not" "$(ls -d /rooted 2>/dev/null)" = ""
oci kill m KILL; wait $runner; kill "$O"
bundle "$T/n" ".process.args=[\"true\"] | del(.hostname) | .linux.namespaces=[{type:\"mount\",path:\"/proc/$P/ns/mnt\"},{type:\"pid\"}]"
exits 1 "another container's mount namespace does not know our root" oci run -b "$T/n" n
check "... and exec is named instead" "$(cat "$T/err")" "~" 'root.path must exist in the mount namespace .*exec'
bundle "$T/n" ".process.args=[\"true\"] | del(.hostname) | .linux.namespaces=[{type:\"mount\",path:\"/proc/self/ns/mnt\"},{type:\"pid\"}]"
exits 1 "the host's own mount namespace is refused" oci run -b "$T/n" n
check "... with the reason" "$(cat "$T/err")" "~" "belongs to the host, and"
bundle "$T/n" ".process.args=[\"true\"] | del(.hostname) | .linux.namespaces=[{type:\"mount\",path:\"$T/nothing\"},{type:\"pid\"}]"
exits 1 "a path that is not there" oci run -b "$T/n" n
check "... is named" "$(cat "$T/err")" "~" "$T/nothing"
bundle "$T/n" ".process.args=[\"true\"] | del(.hostname) | .linux.namespaces=[{type:\"mount\"},{type:\"pid\"},{type:\"ipc\",path:\"/proc/$P/ns/net\"}]"
exits 1 "a namespace of another type is refused" oci run -b "$T/n" n
check "... and nothing is left" "$(oci list -q)" = a
oci delete --force a

bundle "$T/h" '.process.args=["sh","-c","sleep 61'$$' & sleep 62'$$'"] | del(.hostname) | .linux.namespaces=[{type:"mount"},{type:"cgroup"}]'
oci run -d -b "$T/h" h
check "the host's network, pids, names" "$(readlink "/proc/$(pid h)/ns/net" "/proc/$(pid h)/ns/pid" "/proc/$(pid h)/ns/uts" | tr '\n' ' ')" = "$(readlink /proc/self/ns/net /proc/self/ns/pid /proc/self/ns/uts | tr '\n' ' ')"
n=$(oci ps -f json h | jq length)
exits 0 "delete --force of one with the host's pids" oci delete --force h
check "took all its processes along ($n)" "$(pgrep -f '^sleep 6[12]'$$ | wc -l)" = 0

check "--preserve-fds hands descriptors over, and no others" "$(bundle "$T/f" '.process.args=["sh","-c","cat <&3; ls /proc/self/fd | tr \"\\n\" \" \""]'; echo planted >"$T/f/x"; oci run -b "$T/f" --preserve-fds 1 f 3<"$T/f/x" 5</etc/passwd)" = "planted
0 1 2 3 4 "

MAP='[{"containerID":0,"hostID":1500000000,"size":65536}]'
bundle "$T/u" ".process.args=[\"sleep\",\"60\"] | .linux.namespaces += [{type:\"user\"}] | .linux.uidMappings=$MAP | .linux.gidMappings=$MAP"
oci run -d -b "$T/u" u
P=$(pid u)
bundle "$T/v" ".process.args=[\"sh\",\"-c\",\"id -u; readlink /proc/self/ns/user; readlink /proc/self/ns/net\"] | del(.hostname) | .linux.namespaces=[{type:\"mount\"},{type:\"pid\"},{type:\"user\",path:\"/proc/$P/ns/user\"},{type:\"network\",path:\"/proc/$P/ns/net\"},{type:\"ipc\",path:\"/proc/$P/ns/ipc\"}]"
check "a user namespace joined by path, and a network that it owns" "$(oci run -b "$T/v" v 2>&1 | tr '\n' ' ')" = "0 $(readlink "/proc/$P/ns/user") $(readlink "/proc/$P/ns/net") "
check "exec into a user namespace" "$(oci exec u readlink /proc/self/ns/user)" = "$(readlink "/proc/$P/ns/user")"
oci delete --force u
