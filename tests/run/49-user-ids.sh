#!/bin/sh
# 49-user-ids.sh - user namespaces of a container's own: --userns keep-id and nomap for an ordinary user, auto for root.
# What is looked at: uid_map of the process, owners on the host's side and inside, and what goes out as tar or image.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/user.sh"
need_root
needs setpriv tar || skip_all "needs setpriv and tar"
plan 73
cleanup() { end_user; }
make_user
if ! user unshare -Ur true 2>/dev/null; then skip_all "this machine forbids user namespaces to ordinary users"; fi
user unshare -Ur cat /proc/self/uid_map >/dev/null
H=$T/user/home
u internal starter >/dev/null 2>&1
k() { u run --rm --network none --userns keep-id "$@" 2>&1; }

# keep-id: who am I, whose is what
check "the own number inside" "$(k busybox id -u)" = 4711
check "... and the group" "$(k busybox id -g)" = 4711
check "... has a name" "$(k busybox id -un)" = mctester
check "... and a home, the working directory" "$(k -w /tmp busybox sh -c 'echo $HOME; grep mctester /etc/passwd')" "~" '^/tmp$|mctester:\*:4711:4711::/tmp:/bin/sh'
check "the map: himself at his number, root is a subordinate id" "$(k busybox cat /proc/self/uid_map | awk '{print $1 "<" $2}' | paste -sd' ')" "~" '^0<1 4711<0'
check "files of the image are root's inside" "$(k busybox stat -c '%u:%g' / /etc /bin/busybox /etc/passwd | sort -u)" = 0:0
check "... so the user may not change them" "$(k busybox sh -c 'echo x >>/etc/passwd; echo x >/etc/new')" "~" 'denied'
check "... root inside may" "$(k -u 0 busybox sh -c 'echo x >/etc/new && stat -c %u /etc/new')" = 0
check "modes of the image are kept" "$(k busybox stat -c '%a' /etc/shadow)" = 600
check "... and bind" "$(k busybox cat /etc/shadow)" "~" denied
user sh -c 'echo mine >f; chmod 600 f'
check "his file outside is his inside" "$(k -v "$H:/h" busybox sh -c 'stat -c %u /h/f; cat /h/f; echo made >/h/g' | paste -sd' ')" = "4711 mine"
check "... what he makes inside is his outside" "$(stat -c %u:%g "$H/g")" = 4711:4711
k -u 0 -v "$H:/h" busybox sh -c 'echo r >/h/r' >/dev/null
check "... what root makes inside belongs to a subordinate id" "$(stat -c %u "$H/r")" = 600000
check "/dev/stdout can be opened anew" "$(k busybox sh -c 'echo out >/dev/stdout; echo err >/dev/stderr' | sort | paste -sd' ')" = "err out"
check "other numbers" "$(k --userns keep-id:uid=1000,gid=1001 busybox id)" "~" 'uid=1000\(?.*gid=1001'
check "-u wins" "$(k -u 12:13 busybox sh -c 'id -u; id -g' | paste -sd:)" = 12:13
check "a working directory that is not there is root's" "$(k -w /new/dir busybox stat -c %u /new /new/dir | paste -sd' ')" = "0 0"
check "no rights over the host" "$(k -u 0 busybox sh -c 'mknod /tmp/d b 8 0 || echo refused; mount -t tmpfs x /tmp 2>/dev/null || echo refused' | grep -c refused)" = 2
check "a terminal" "$(k -t busybox tty | tr -d '\r')" = /dev/pts/0
check "--init" "$(k --init busybox id -u)" = 4711
check "--read-only" "$(k --read-only -u 0 busybox sh -c 'echo >/x')" "~" 'Read-only'
check "--tmpfs" "$(k -u 0 --tmpfs /x busybox stat -c %u /x)" = 0
check "--privileged, as far as it goes" "$(k --privileged -u 0 busybox sh -c 'mount -t tmpfs x /tmp && echo mounted')" = mounted
check "--network host" "$(k --network host busybox readlink /proc/self/ns/net)" = "$(readlink /proc/self/ns/net)"

# the copy of the layers
copies() { ls "$H/.local/share/minictr/layers" | grep -c -- -; }
check "one copy a map, not one a run" "$(copies)" = 2

# a life: exec, restart, cp, diff, export, commit
u run -d --name life --network none --userns keep-id busybox sleep 1000 >/dev/null
check "exec is the user, too" "$(u exec life id -u)" = 4711
check "exec -u 0" "$(u exec -u 0 life sh -c 'id -u; mkdir /made; echo root >/made/r; echo user >/made/u; chown 4711:4711 /made/u; chown 33:34 /made; echo h >/made/h; ln /made/h /made/h2')" = 0
check "inspect has the map" "$(u inspect -f '{{json .HostConfig.IDMappings.UidMap}}' life)" "~" '^\["0:1:4711","4711:0:1"'
check "diff" "$(u diff life | grep made | sort | paste -sd' ')" = "A /made A /made/h A /made/h2 A /made/r A /made/u"
owners() { tar --numeric-owner -tvf "$1" | awk '{print $2, $6}' | sed 's,\./,,' | grep 'made' | sort -k2 | paste -sd';'; }
want="33/34 made/;0/0 made/h;0/0 made/h2;0/0 made/r;4711/4711 made/u"
u export life >"$T/x.tar"
check "export: owners as inside" "$(owners "$T/x.tar")" = "$want"
u cp life:/made - >"$T/c.tar"
check "cp out as tar: the same" "$(owners "$T/c.tar")" = "$want"
user sh -c 'echo in >in'
check "cp into: root's inside" "$(u cp -q in life:/tmp/in; u exec life stat -c %u /tmp/in)" = 0
check "cp -a into: the owner inside" "$(user sh -c 'cd /; tar --owner=1234 --group=5 -C ~ -cf - in' | u cp -a - life:/tmp; u exec life stat -c %u:%g /tmp/in)" = 1234:5
u cp -q life:/made/r "$H/out" >/dev/null
check "cp out: the caller's" "$(stat -c %u "$H/out")" = 4711
u stop -t 0 life >/dev/null
u export life >"$T/x.tar"
check "export of a stopped one" "$(owners "$T/x.tar")" = "$want"
u start life >/dev/null
check "start again: all is there" "$(u exec life stat -c %u:%g /made /made/u | paste -sd' ')" = "33:34 4711:4711"
u commit life mine >/dev/null
check "commit: a container without a map sees them so" "$(u run --rm --network none -u 0 mine sh -c 'stat -c %u:%g /made /made/u /made/r; cat /made/h2' | paste -sd' ')" = "33:34 4711:4711 0:0 h"
check "... and one with another map" "$(u run --rm --network none --userns nomap -u 0 mine stat -c %u:%g /made /made/u | paste -sd' ')" = "33:34 4711:4711"
u save mine >"$T/m.tar"
MINICTR_ROOT=$T/root mc load -q -i "$T/m.tar" >/dev/null 2>&1
check "... and root's engine" "$(mc run --rm --network none -u 0 mine stat -c %u:%g /made /made/u | paste -sd' ')" = "33:34 4711:4711"
u rm -f life >/dev/null
check "rm -f takes files of all owners away" "$(ls "$H/.local/share/minictr/containers")" = ""
u rmi mine >/dev/null
check "rmi takes the copies of its layers along" "$(ls "$H/.local/share/minictr/layers" | cut -c1-64 | sort | uniq -c | awk '$1 == 1' | wc -l)" = 1

# a file with capabilities
mkdir -p "$T/caproot/bin"; busybox_rootfs "$T/caproot"; cp "$T/caproot/bin/busybox" "$T/caproot/bin/busybox-cap"
setcap cap_net_bind_service+ep "$T/caproot/bin/busybox-cap" 2>/dev/null || python3 -c 'import os,sys; os.setxattr(sys.argv[1], "security.capability", bytes.fromhex("0100000200040000000000000000000000000000"))' "$T/caproot/bin/busybox-cap"
tar -C "$T/caproot" --xattrs --xattrs-include='*' -cf "$T/cap.tar" .; chmod 644 "$T/cap.tar"
u import "$T/cap.tar" capped >/dev/null
cap() { u run -d --name cap --network none "$@" capped /bin/busybox-cap sleep 100 >/dev/null; sed -n 's/^CapPrm:\t//p' "/proc/$(u inspect -f '{{.State.Pid}}' cap)/status"; u rm -f cap >/dev/null; }
check "file capabilities work under a map" "$(cap --userns keep-id)" = 0000000000000400

# joining
u run -d --name first --network none --userns keep-id busybox sleep 1000 >/dev/null
check "a container without a map joins its pid namespace" "$(u run --rm --network container:first --pid container:first busybox cat /proc/1/comm)" = sleep
u rm -f first >/dev/null

# another OCI runtime
for r in crun runc; do
	if ! needs $r; then skip "--runtime $r" "$r is not installed"
	elif ! u run --rm --network none --runtime $r busybox true 2>/dev/null; then skip "--runtime $r" "it does not run on this host's cgroups without root"
	else check "--runtime $r understands the same config.json" "$(k --runtime $r busybox sh -c 'id -u; stat -c %u /etc' | paste -sd' ')" = "4711 0"; fi
done

# A POSIX ACL names ids; the kernel refuses one that has no place in the namespace: the rest of the ACL stays.
if needs python3; then
	u volume create acl >/dev/null; V=$H/.local/share/minictr/volumes
	user python3 -c 'import os, struct, sys
acl = [(1, 6, -1), (2, 6, 4711), (4, 4, -1), (8, 7, 4712), (16, 6, -1), (32, 0, -1)]
open(sys.argv[1], "w"); os.setxattr(sys.argv[1], "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *e) for e in acl))' "$V/acl/data/f"
	user sh -c 'minictr volume export acl | minictr volume import acl2 && minictr volume clone acl acl3' >/dev/null 2>"$T/err"
	check "an ACL that names an id without a place does not stop import and clone" "$(cat "$T/err")$(ls "$V/acl2/data" "$V/acl3/data" | grep -cx f)" = 2
	check "... who is left out gets nothing" "$(for v in acl2 acl3; do python3 -c 'import os, struct, sys; a = os.getxattr(sys.argv[1], "system.posix_acl_access"); print([e[:2] for e in struct.iter_unpack("<HHi", a[4:])])' "$V/$v/data/f"; done | uniq)" = "[(1, 6), (2, 6), (4, 4), (16, 6), (32, 0)]"
	user python3 -c 'import os, struct, sys
acl = [(1, 7, -1), (2, 7, 4711), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
os.chdir(sys.argv[1]); os.makedirs("d/e"); open("d/f", "w").close()
os.setxattr("d", "system.posix_acl_default", struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *e) for e in acl))' "$V/acl/data"
	user sh -c 'minictr volume export acl | minictr volume import acl4 && minictr volume clone acl acl5' >/dev/null 2>"$T/err"
	check "what stands in a directory with a default ACL does not inherit it on the way" "$(for v in acl acl4 acl5; do python3 -c 'import os, sys; os.chdir(sys.argv[1]); print([os.listxattr(p) for p in ("d", "d/e", "d/f")])' "$V/$v/data"; done | uniq)" = "[['system.posix_acl_default'], [], []]"
else
	skip "an ACL that names an id without a place" "python3 is not installed"; skip "... who is left out gets nothing" "python3 is not installed"
fi

# An exercise of chapter 8, done by an unprivileged user, and one of chapter 7 that needs root.
cp -r "$HERE/exercises" "$T/user/"; chmod -R a+rX "$T/user/exercises"
ex() { user env LAB_HOME="$H/lab" sh "$T/user/exercises/run.sh" "$@" 2>&1; }
M2=$(ex another-machine | sed -n 's/.*--root \([^ ]*\) .*/\1/p')
user sh -c "minictr stop -t 0 db && minictr volume export dbdata | minictr --root '$M2' volume import dbdata && minictr start db" >/dev/null 2>"$T/err"
check "a volume moves to another engine of the user's, and the exercise says so" "$(ex check)" "~" '^done'
ex reset >/dev/null
check "an exercise with networks says that it needs root" "$(ex two-networks)" "~" 'two-networks needs root'

# nomap, and what is refused
check "nomap: the user is nobody inside" "$(u run --rm --network none --userns nomap -v "$H:/h" busybox sh -c 'id -u; stat -c %u /h/f' | paste -sd' ')" = "0 65534"
exits 125 "auto is not for him" u run --rm --userns auto busybox true
exits 125 "a mode that does not exist" u run --rm --userns keepid busybox true
check "... the nearest is named" "$(cat "$T/err")" "~" 'did you mean keep-id'
exits 125 "an option that does not exist" u run --rm --userns keep-id:size=3 busybox true
exits 125 "a number that is none" u run --rm --userns keep-id:uid=-1 busybox true
check "nothing is left of them" "$(u ps -aq)" = ""

# a user without subordinate ids: one id, and it is his
grep -v mctester /etc/subuid >"$T/none"; cat "$T/none" >/etc/subuid
u internal rootless-stop >/dev/null 2>&1
check "without subordinate ids: himself, and nobody else" "$(k busybox sh -c 'id -u; cat /proc/self/uid_map; stat -c %u /etc; echo >/tmp/x && echo ok' | tr -s ' \n' ' ')" = "4711 4711 0 1 4711 ok "
exits 125 "... nomap has nothing to map" u run --rm --userns nomap busybox true
check "... which is said" "$(cat "$T/err")" "~" 'no subordinate ids'

# root: auto
starter_images
a() { mc run --rm --network none --userns auto "$@" 2>&1; }
check "auto: root inside, somebody without a name outside" "$(a busybox cat /proc/self/uid_map | tr -s ' ')" "~" '^ ?0 1[0-3][0-9]{8} 65536$'
check "files of the image are root's, without a copy" "$(a busybox sh -c 'stat -c %u /etc /bin/busybox | sort -u'; ls "$T/root/layers" | grep -c -- -)" "~" '^0$'
mc run -d --name a1 --network none --userns auto busybox sleep 1000 >/dev/null
mc run -d --name a2 --network none --userns auto busybox sleep 1000 >/dev/null
range() { awk '{print $2}' "/proc/$(mc inspect -f '{{.State.Pid}}' "$1")/uid_map"; }
check "two have different ranges" "$(range a1)" != "$(range a2)"
check "the process is nobody on the host" "$(stat -c %u "/proc/$(mc inspect -f '{{.State.Pid}}' a1)")" = "$(range a1)"
mc exec a1 sh -c 'mkdir /made; echo x >/made/r; echo y >/made/u; chown 7:8 /made/u'
check "/dev/stdout can be opened anew, by run and by exec" "$(a busybox sh -c 'echo out >/dev/stdout'; mc exec a1 sh -c 'echo out >/dev/stdout')" = "out
out"
mc export a1 >"$T/a.tar"
check "export: owners as inside" "$(tar --numeric-owner -tvf "$T/a.tar" | awk '{print $2, $6}' | grep made | sort -k2 | paste -sd';')" = "0/0 made/;0/0 made/r;7/8 made/u"
mc commit a1 auto >/dev/null
check "commit: the same in another range" "$(a auto stat -c %u:%g /made /made/u | paste -sd' ')" = "0:0 7:8"
gone=$(range a1); mc rm -f a1 >/dev/null
check "a range is given again when its container is gone" "$(mc run -d --name a3 --userns auto busybox sleep 1000 >/dev/null; range a3)" = "$gone"
check "many at once: no range twice" "$(for i in 1 2 3 4 5 6; do mc create --userns auto --name "m$i" busybox true >/dev/null & done; wait; for i in 1 2 3 4 5 6; do mc inspect -f '{{json .HostConfig.IDMappings.UidMap}}' "m$i"; done | sort -u | wc -l)" = 6
check "size" "$(a --userns auto:size=1000 busybox awk '{print $3}' /proc/self/uid_map)" = 1000
check "another engine begins elsewhere" "$(mkdir "$T/root2"; MINICTR_ROOT=$T/root2; export MINICTR_ROOT; starter_images; mc run --rm --network none --userns auto busybox cat /proc/self/uid_map | awk '{print $2}')" != "$gone"
exits 125 "more ids than there are" mc run --rm --userns auto:size=2147483647 busybox true
exits 125 "keep-id is not for root" mc run --rm --userns keep-id busybox true
