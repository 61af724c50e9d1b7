#!/bin/sh
# 56-volumes.sh - data that outlives containers: made, filled once, shared, protected while in use, moved to another engine.
# Rows of the table of volume semantics; the regression numbers are those of public bug reports.
. "$(dirname "$0")/lib.sh"
need_root
plan 99
points() { mc inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}};{{end}}' "$1"; }
names() { mc volume ls -q | tr '\n' ' '; }
mc internal starter busybox >/dev/null 2>&1

# An image with content, owners, a link that leads out, a set-uid file, a hard link, a FIFO and a VOLUME.
mc run --name maker busybox sh -c 'mkdir -p /data/sub /empty /linked-real; chmod 0750 /data; chown 7:8 /data; echo hello >/data/a; chown 5:6 /data/a
	chmod 4755 /data/a; ln /data/a /data/sub/b; ln -s /etc/passwd /data/out; mkfifo /data/pipe; chmod 1777 /empty; ln -s /data /link'
mc commit -c 'VOLUME /data' -c 'VOLUME /empty' maker withdata >/dev/null; mc rm maker >/dev/null
mc run --name plain busybox sh -c 'mkdir -p /x; echo image >/x/i'; mc commit plain simple >/dev/null; mc rm plain >/dev/null

# --- create, ls, inspect, rm ---
check "create says the name" "$(mc volume create one)" = one
exits 0 "create again is no error" mc volume create one
exits 1 "create again with other options is one" mc volume create -o type=tmpfs -o device=tmpfs one
check "a volume without a name gets one" "$(mc volume create | grep -cE '^[0-9a-f]{64}$')" = 1
check "it is anonymous" "$(mc volume ls -q --filter label=com.docker.volume.anonymous | wc -l)" = 1
for bad in x ../up a/b "with blank" .dot ""; do
	[ -n "$bad" ] || continue
	mc volume create "$bad" >/dev/null 2>"$T/err" && echo "$bad" >>"$T/accepted"
done
check "names that climb, are too short or odd are refused" "$(cat "$T/accepted" 2>/dev/null)" = ""
check "inspect as docker prints it" "$(mc volume inspect -f '{{.Name}} {{.Driver}} {{.Scope}} {{.Mountpoint}}' one)" = "one local local $MINICTR_ROOT/volumes/one/data"
exits 1 "inspect of none" mc volume inspect nosuch
check "... in docker's words" "$(cat "$T/err")" "~" 'get nosuch: no such volume'
exits 1 "rm of none" mc volume rm nosuch
exits 0 "rm -f of none" mc volume rm -f nosuch
exits 1 "unknown driver" mc volume create -d nfs4thing z1
exits 1 "unknown filter" mc volume ls --filter nonsense=1
exits 1 "a filter's value that means nothing" mc volume ls --filter dangling=maybe
mc volume create --label tier=db --label keep lab >/dev/null
check "labels narrow together" "$(mc volume ls -q --filter label=tier=db --filter label=keep) $(mc volume ls -q --filter label=tier=db --filter label=no)" = "lab "
check "the store is closed to other users" "$(stat -c %a "$MINICTR_ROOT/volumes")" = 700

# --- use ---
mc run --rm -v one:/d busybox sh -c 'echo kept >/d/f'
check "bytes outlive the container" "$(mc run --rm -v one:/d busybox cat /d/f)" = kept
check "a container and the host see one inode" "$(mc run --rm -v one:/d busybox stat -c %i /d/f)" = "$(stat -c %i "$MINICTR_ROOT/volumes/one/data/f")"
check "read-only" "$(mc run --rm -v one:/d:ro busybox sh -c 'echo x >/d/f' 2>&1)" "~" 'Read-only'
check "--mount, too" "$(mc run --rm --mount type=volume,src=one,dst=/d,readonly busybox sh -c 'echo x >/d/f' 2>&1; mc run --rm --mount src=one,dst=/d busybox cat /d/f)" "~" 'Read-only.*
*kept|kept'
mc run -d --name user -v one:/d -v one:/d busybox sleep 1000 >/dev/null # the same words twice are one wish
check "inspect of a container names the volume" "$(mc inspect -f '{{range .Mounts}}{{.Type}} {{.Name}} {{.Destination}} {{.Driver}} {{.Mode}} {{.RW}}{{end}}' user)" = "volume one /d local z true"
exits 1 "a volume in use is not removed" mc volume rm one
check "... and who uses it is said" "$(cat "$T/err")" "~" 'volume is in use.*user'
exits 1 "... nor by force" mc volume rm -f one
mc stop -t 0 user >/dev/null
exits 1 "a stopped container counts" mc volume rm one
check "prune leaves it" "$(mc volume prune -af | grep -cx one)" = 0
check "dangling" "$(mc volume ls -q --filter dangling=false)" = one

# --- filled from the image, once ---
mc run --rm -v filled:/data withdata true
F=$MINICTR_ROOT/volumes/filled/data
check "the volume's root has the directory's owner and mode" "$(stat -c '%u %g %a' "$F")" = "7 8 750"
check "owners and set-uid of files" "$(stat -c '%u %g %a' "$F/a")" = "5 6 4755"
check "hard links stay links" "$(stat -c %i "$F/a")" = "$(stat -c %i "$F/sub/b")"
check "a link that leads out is copied as it is" "$(readlink "$F/out")" = /etc/passwd
check "a FIFO is a FIFO" "$(stat -c %F "$F/pipe")" = fifo
echo mine >"$F/a"; rm -r "$F/sub"
mc run --rm -v filled:/data withdata true
check "a second container overwrites nothing" "$(cat "$F/a"; ls "$F" | tr '\n' ' ')" = "mine
a out pipe "
mc run --rm -v empties:/empty withdata true
check "an empty image directory gives owner and mode" "$(stat -c %a "$MINICTR_ROOT/volumes/empties/data")" = 1777
mc run --rm --mount type=volume,src=nocopy,dst=/data,volume-nocopy withdata true
check "nocopy" "$(ls "$MINICTR_ROOT/volumes/nocopy/data" | wc -l)" = 0
mkdir "$T/bind"; mc run --rm -v "$T/bind:/data" withdata true
check "a bind mount is never filled" "$(ls "$T/bind" | wc -l)" = 0
mc run --rm -v linked:/link withdata true
check "a target that is a link in the image is followed inside" "$(ls "$MINICTR_ROOT/volumes/linked/data" | tr '\n' ' ')" "~" '^a out pipe sub'
# killed between the copy and the move: the next start finishes it
mkdir -p "$MINICTR_ROOT/volumes/torn/data" "$MINICTR_ROOT/volumes/torn/filled"; echo 1 >"$MINICTR_ROOT/volumes/torn/data/i"; echo 2 >"$MINICTR_ROOT/volumes/torn/filled/k"
mc run --rm -v torn:/x simple true
check "a killed fill is finished (podman 5168)" "$(ls "$MINICTR_ROOT/volumes/torn/data" | tr '\n' ' ')$(ls -A "$MINICTR_ROOT/volumes/torn" | tr '\n' ' ')" = "i k data "
mkdir -p "$MINICTR_ROOT/volumes/half/data" "$MINICTR_ROOT/volumes/half/filling"; echo half >"$MINICTR_ROOT/volumes/half/filling/i"
check "a copy that was cut short is thrown away" "$(mc run --rm -v half:/x simple cat /x/i)" = image
for i in 1 2 3 4; do mc run --rm -v together:/x simple cat /x/i >"$T/t$i" 2>&1 & done; wait
check "four first users at once all see it (moby 43068)" "$(cat "$T"/t[1-4] | sort -u)" = image

# --- anonymous volumes ---
before=$(mc volume ls -q | wc -l)
mc run --rm withdata true
check "--rm takes the image's anonymous volumes with it" "$(mc volume ls -q | wc -l)" = "$before"
mc run --name anon -v /more withdata true
check "VOLUME and -v /path are volumes" "$(mc inspect -f '{{len .Mounts}}' anon)" = 3
mc rm anon >/dev/null
check "rm leaves them" "$(mc volume ls -q | wc -l)" -eq $((before + 3))
mc run --name anon2 withdata true; mc rm -v anon2 >/dev/null
check "rm -v does not" "$(mc volume ls -q | wc -l)" -eq $((before + 3))
mc run --name first -v one:/d withdata sh -c 'echo shared >/data/s'
mc run --name second --volumes-from first:ro busybox sh -c 'cat /data/s; echo x >/data/s' >"$T/out" 2>&1
check "--volumes-from of a stopped container, read-only" "$(cat "$T/out")" "~" 'shared'
check "... cannot write" "$(cat "$T/out")" "~" 'Read-only'
a=$(mc inspect -f '{{range .Mounts}}{{if eq .Destination "/data"}}{{.Name}}{{end}}{{end}}' first)
mc rm -v first >/dev/null; check "an inherited anonymous volume goes with the last holder only" "$(mc volume ls -q | grep -c "$a")" = 1
mc rm -v second >/dev/null; check "... and then it goes" "$(mc volume ls -q | grep -c "$a")" = 0
check "named ones stay with rm -v and --rm (moby 19568)" "$(mc volume ls -q | grep -cx one)" = 1
exits 125 "two mounts on one target" mc run --rm -v one:/d -v lab:/d/ busybox true
mc rm user >/dev/null
check "prune takes anonymous ones" "$(mc volume prune -f | grep -cE '^[0-9a-f]{64}$')" -ge 3
check "... and leaves named ones" "$(names)" "~" 'one'

# --- sources, targets, subpath ---
exits 125 "--mount refuses a missing source" mc run --rm --mount "type=bind,src=$T/none,dst=/d" busybox true
exits 0 "-v makes one" mc run --rm -v "$T/made:/d" busybox true
check "... a directory" "$(stat -c %F "$T/made")" = directory
echo file >"$T/file"
exits 125 "a file over a directory" mc run --rm -v "$T/file:/etc" busybox true
check "... names both sides" "$(cat "$T/err")" "~" 'file.*/etc.*directory'
mkdir -p "$MINICTR_ROOT/volumes/one/data/dir"; echo deep >"$MINICTR_ROOT/volumes/one/data/dir/f"; ln -s / "$MINICTR_ROOT/volumes/one/data/escape"
check "subpath" "$(mc run --rm --mount type=volume,src=one,dst=/d,volume-subpath=dir busybox cat /d/f)" = deep
exits 125 "a subpath that is a link is refused (CVE-2021-30465's kind)" mc run --rm --mount type=volume,src=one,dst=/d,volume-subpath=escape busybox true
exits 125 "a subpath that climbs" mc run --rm --mount type=volume,src=one,dst=/d,volume-subpath=../.. busybox true
exits 125 "rshared of a private mount is refused with the command" mc run --rm -v "$T/bind:/d:rshared" busybox true
check "... named" "$(cat "$T/err")" "~" 'mount --make-shared'

SINCE=$(date +%s); mc run --rm -v evt:/e:ro busybox true; mc volume rm evt >/dev/null
check "mount and unmount are events" "$(mc events --since "$SINCE" --until "$(($(date +%s) + 1))" --filter type=volume --filter volume=evt --format '{{.Action}} {{index .Actor.Attributes "destination"}} {{index .Actor.Attributes "read/write"}}' | sed 's/<no value>//g; s/ *$//' | paste -sd';')" = "create;mount /e false;unmount;destroy"
mc create --name giver -v given:/g busybox true >/dev/null
check "--volumes-from with docker's words" "$(mc run --rm --volumes-from giver:ro,z busybox touch /g/x 2>&1; mc run --rm --volumes-from giver:Z busybox touch /g/y && echo fine)" "~" 'Read-only.*
*fine|fine'
exits 125 "... and no other" mc run --rm --volumes-from giver:nocopy busybox true
mc rm giver >/dev/null; mc volume rm given >/dev/null

# two names for one directory (moby 40195): the anonymous volume of the link must not lie on the person's own
mc run --name deeplink busybox sh -c 'mkdir -p /store /deep/er; echo image >/store/i; ln -s /store /deep/er/link'; mc commit -c 'VOLUME /deep/er/link' deeplink linked1 >/dev/null; mc commit -c 'VOLUME /deep/er/link' -c 'VOLUME /store' deeplink linked2 >/dev/null; mc rm deeplink >/dev/null
check "a VOLUME that is a link to a mounted directory is left out" "$(mc run --rm -v mine:/store linked1 sh -c 'echo kept >/deep/er/link/w; grep -c " /store " /proc/self/mounts' 2>&1)" "~" 'left out.*/store.*
*1$|^1$'
check "... what is written is in the person's volume" "$(cat "$MINICTR_ROOT/volumes/mine/data/w")" = kept
check "... of two VOLUMEs one is there" "$(mc run --rm linked2 sh -c 'grep -c " /store " /proc/self/mounts; cat /store/i' 2>/dev/null | paste -sd' ')" = "1 image"
mkdir "$T/own"; mc run --rm -v "$T/own:/store" linked1 sh -c 'echo kept >/store/w' 2>/dev/null; check "... beside a bind, too" "$(cat "$T/own/w")" = kept

# --- the driver's options ---
mc volume create -o type=tmpfs -o device=tmpfs -o o=size=1m,mode=1770 ram >/dev/null
mc run -d --name r1 -v ram:/r busybox sh -c 'echo fast >/r/f; sleep 1000' >/dev/null; eventually 5 mc exec r1 test -s /r/f
check "a tmpfs volume is one file system for two containers" "$(mc run --rm -v ram:/r busybox sh -c 'cat /r/f; df -k /r | tail -1')" "~" 'fast'
mc rm -f r1 >/dev/null
check "... unmounted after the last one" "$(grep -c "volumes/ram" /proc/self/mountinfo)" = 0
mkdir "$T/dev"; echo bound >"$T/dev/f"; mc volume create -o type=none -o o=bind -o "device=$T/dev" bound >/dev/null
check "a volume can be a bind" "$(mc run --rm -v bound:/b busybox cat /b/f)" = bound
exits 1 "an unknown driver option" mc volume create -o color=red z2
mc volume create -o type=nofs -o device=x nofs >/dev/null; exits 125 "a file system that the kernel lacks" mc run --rm -v nofs:/n busybox true; check "... is said" "$(cat "$T/err")" "~" 'this kernel knows no file system nofs'
mc create --name tm --mount type=tmpfs,dst=/t,ro busybox true >/dev/null; check "inspect shows a tmpfs mount" "$(points tm)" = 'tmpfs /t false;'; mc rm tm >/dev/null
mc volume create -o type=none -o o=bind,ro,noexec -o "device=$T/dev" boundro >/dev/null
check "o=bind,ro is read-only, noexec holds" "$(mc run --rm -v boundro:/b busybox sh -c 'echo x >/b/f; grep " /b " /proc/self/mounts' 2>&1)" "~" 'Read-only.*
*.* ro,noexec|ro,noexec'
check "... nothing was written" "$(cat "$T/dev/f")" != x
mc volume create -o type=nosuchfs -o o=user=a,password=geheim,vers=4 -o device=:/x secret >/dev/null
exits 125 "a mount that fails" mc run --rm -v secret:/s busybox true
check "... says the options, but no password" "$(cat "$T/err"; mc volume inspect -f '{{.Options.o}}' secret)" "~" 'nosuchfs.*o=user=a,password=\*\*\*\*,vers=4'
check "... nowhere" "$(cat "$T/err"; mc volume inspect secret)" "!~" geheim
mc volume rm boundro secret >/dev/null
exits 1 "nfs needs a number" mc volume create -o type=nfs -o o=addr=server -o device=:/x z3

# --- backup and moving ---
mc volume export filled >"$T/filled.tar.zst"
MINICTR_ROOT=$T/other; export MINICTR_ROOT
"$BIN/minictr" volume import moved <"$T/filled.tar.zst" >/dev/null
check "a second engine has the same tree" "$(cd "$F" && find . -exec stat -c '%n %u %g %a %F %h' {} + | sort | md5sum)" = "$(cd "$T/other/volumes/moved/data" && find . -exec stat -c '%n %u %g %a %F %h' {} + | sort | md5sum)"
head -c 100 "$T/filled.tar.zst" >"$T/cut"; mc volume import cut <"$T/cut" >/dev/null 2>&1
# what backups lose: holes, bytes that compress without end, fractions of a second, paths longer than a system call takes
mc volume create hard >/dev/null
python3 - "$T/other/volumes/hard/data" <<'P'
import os, sys
d = os.open(sys.argv[1], os.O_RDONLY); top = os.dup(d)
f = os.open("holes", os.O_WRONLY | os.O_CREAT, dir_fd=d); os.pwrite(f, b"middle", 3 << 30); os.ftruncate(f, (5 << 30) + 1)
f = os.open("zeros", os.O_WRONLY | os.O_CREAT, dir_fd=d); os.write(f, bytes(200 << 20))
f = os.open("time", os.O_WRONLY | os.O_CREAT, dir_fd=d); os.utime("time", ns=(1, 1700000000123456789), dir_fd=d)
for i in range(30):
    os.mkdir("d" * 200, dir_fd=d); d = os.open("d" * 200, os.O_RDONLY, dir_fd=d)
os.open("leaf", os.O_WRONLY | os.O_CREAT, dir_fd=d); os.link("leaf", "time-of-leaf", src_dir_fd=d, dst_dir_fd=top)
P
exits 0 "an export of holes and zeros" timeout 60 "$BIN/minictr" volume export -o "$T/hard.tar.zst" hard
check "... is small" "$(stat -c %s "$T/hard.tar.zst")" -lt 100000
exits 0 "... and comes back" timeout 60 "$BIN/minictr" volume import hard2 "$T/hard.tar.zst"
about() { (cd "$T/other/volumes/$1/data" && stat -c '%n %s %y %h' holes zeros time time-of-leaf && dd if=holes bs=1M skip=3072 count=1 2>/dev/null | head -c 6); }
check "... whole" "$(about hard2)" = "$(about hard)"
check "... with its holes" "$(du -k "$T/other/volumes/hard2/data/holes" | cut -f1)" -lt 1000
check "... and its depth" "$(find "$T/other/volumes/hard2/data" -name leaf | wc -c)" -gt 6000
exits 0 "rm" mc volume rm hard hard2
check "an import that ends early leaves nothing" "$(mc volume ls -q; ls -A "$T/other/volumes" | grep -v lock)" = "moved
moved"
exits 1 "an import never replaces" mc volume import moved "$T/filled.tar.zst"
MINICTR_ROOT=$T/root
check "clone" "$(mc volume clone filled copy; cat "$MINICTR_ROOT/volumes/copy/data/a")" = "copy
mine"
mc run -d --name busy -v live:/d busybox sh -c 'while :; do date >>/d/log; done' >/dev/null; eventually 5 test -s "$MINICTR_ROOT/volumes/live/data/log"
dd if=/dev/urandom of="$MINICTR_ROOT/volumes/live/data/big" bs=1M count=20 2>/dev/null
exits 3 "an export of a moving tree says so" mc volume export -o "$T/live.tar" live
check "... and names what moved" "$(cat "$T/err")" "~" 'log'
exits 0 "--pause makes it still" mc volume export --pause -o "$T/live.tar" live
check "... and thaws" "$(mc inspect -f '{{.State.Status}}' busy)" = running
mc rm -f busy >/dev/null
check "system df counts volumes" "$(mc system df --format '{{.Type}} {{.TotalCount}}' | grep Volumes)" "~" 'Local Volumes [1-9]'
check "events tell" "$(mc events --since 10m --until 0s --filter type=volume --format '{{.Action}}' | sort -u | tr '\n' ' ')" "~" 'create destroy'
