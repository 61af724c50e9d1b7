#!/bin/sh
# The engine's own directory: no other user reaches what images unpack to, and a directory that another user made, owns or can
# replace is refused before a word of it is believed.
. "$(dirname "$0")/lib.sh"
need_root
needs busybox setpriv || skip_all "needs busybox, setpriv"
chmod 755 "$T"
other() { setpriv --reuid 4242 --regid 4242 --clear-groups sh -c 'exec "$@"' - "$@" 2>&1; }
starter_images

# --- layers: a set-uid program of an image must not run for everybody who knows its digest (CVE-2021-41091) ---
for d in root root/layers root/images root/containers root/names; do chmod 0755 "$T/$d"; done
layer=$(find "$T/root/layers" -name busybox -type f | head -1); chmod 4755 "$layer"
check "with the modes of an older version the program can be reached" "$(other "$layer" echo reached)" = reached
mc ps >/dev/null; mc images >/dev/null
check "after one command of the engine it cannot" "$(other "$layer" echo reached)" "~" "Permission denied|not found|can't execute"
check "modes are repaired" "$(stat -c %a "$T/root" "$T/root/layers" "$T/root/images" "$T/root/containers" "$T/root/names" | sort -u)" = 700
check "a container still runs" "$(mc run --rm busybox echo up)" = up
check "with ids of its own, too" "$(mc run --rm --userns auto busybox echo up)" = up
umask 0; MINICTR_ROOT=$T/new mc ps >/dev/null; umask 022
check "a new engine is closed from the start, whatever the umask" "$(stat -c %a "$T/new" "$T/new/containers")" "~" '^700'

# --- a directory of another user: its config.json would name a program that runs as root ---
evil() { mkdir -p "$T/evil"; printf '#!/bin/sh\ntouch %s/owned\n' "$T" >"$T/evil/runtime"; chmod 755 "$T/evil/runtime"; printf '{"runtime":"%s"}' "$T/evil/runtime" >"$T/evil/config.json"; }
evil; chown -R 4242:4242 "$T/evil"
for words in "ps" "images" "run --rm busybox true" "info" "system df" "internal cleanup x" "registry serve --addr 127.0.0.1:0" "volume ls" "build $T/new" "compose ls" "vm ls"; do
	MINICTR_ROOT=$T/evil timeout 20 "$BIN/minictr" $words >"$T/out" 2>&1
	check "a root that another user owns: $words" "$(cat "$T/out")" "~" "belongs to user 4242.*not used"
done
check "... and the daemon" "$(MINICTR_ROOT=$T/evil timeout 20 "$BIN/minictrd" -H "unix://$T/evil.sock" 2>&1)" "~" "belongs to user 4242.*not used"
chown -R 0:0 "$T/evil"; chmod 777 "$T/evil"
check "one that others may write to" "$(MINICTR_ROOT=$T/evil mc ps 2>&1)" "~" "can be written by others"
check "its mode stays as it was" "$(stat -c %a "$T/evil")" = 777
mkdir -m 777 "$T/empty"
check "an empty one is closed and used" "$(MINICTR_ROOT=$T/empty mc ps -q 2>&1; stat -c %a "$T/empty")" = 700
mkdir -p "$T/above/root"; chown 4242 "$T/above"
check "nor one whose parent another user can rename" "$(MINICTR_ROOT=$T/above/root mc ps 2>&1)" "~" "above .*belongs to user 4242"
ln -s "$T/above/root" "$T/link"
check "... by a link, either" "$(MINICTR_ROOT=$T/link mc ps 2>&1)" "~" "above .*belongs to user 4242"
check "--root is looked at like the variable" "$(mc --root "$T/evil" ps 2>&1)" "~" "not used"
mkdir -p "$T/mine"; mkdir "$T/mine/containers"; chown 4242 "$T/mine/containers"
check "a part of the tree that is not ours" "$(MINICTR_ROOT=$T/mine mc ps 2>&1)" "~" "containers belongs to user 4242"

# --- a part, or the engine's own config.json, that another user can write to or exchange ---
mkdir "$T/theirs"; cp "$T/evil/config.json" "$T/theirs/"; cp "$T/evil/config.json" "$T/root/"; chown 4242 "$T/root/config.json"
check "a config.json that another user owns" "$(mc run --rm busybox true 2>&1)" "~" "root/config.json belongs to another user"
chown 0 "$T/root/config.json"; chmod 666 "$T/root/config.json"
check "... that others can write to" "$(mc run --rm busybox true 2>&1)" "~" "can be written by others"
ln -sf "$T/theirs/config.json" "$T/root/config.json"; chown 4242 "$T/theirs"
check "... that is a link into another user's directory" "$(mc run --rm busybox true 2>&1)" "~" "theirs, above .*belongs to user 4242"
rm "$T/root/config.json"
printf '{"runtime":"%s/theirs/run"}' "$T" >"$T/root/config.json"; printf '#!/bin/sh\ntouch %s/owned\n' "$T" >"$T/theirs/run"; chmod 755 "$T/theirs/run"
check "a config.json that names a program in another user's directory" "$(mc run --rm busybox true 2>&1)" "~" "runtime .*theirs/run: .*theirs, above .*belongs to user 4242"
chown 0 "$T/theirs"; chmod 757 "$T/theirs/run"
check "... a program that others can write to" "$(mc run --rm busybox true 2>&1)" "~" "theirs/run belongs to another user or can be written"
chmod 755 "$T/theirs/run"; ln -s "$T/theirs/run" "$T/here"; chown -h 4242 "$T/theirs/run"; chown 4242 "$T/theirs"; printf '{"runtime":"%s/here"}' "$T" >"$T/root/config.json"
check "... a link to such a program" "$(mc run --rm busybox true 2>&1)" "~" "theirs/run belongs to another user"
rm "$T/root/config.json" "$T/here"
check "nothing of them ran" "$(ls "$T/owned" 2>/dev/null)" = ""
mc volume create kept >/dev/null; mc network create near >/dev/null; printf 'FROM busybox\nRUN true\n' | mc build -q - >/dev/null
for part in volumes networks build; do
	chmod 755 "$T/root/$part"; mc ps >/dev/null
	check "$part: its mode is repaired" "$(stat -c %a "$T/root/$part")" = 700
	chown 4242 "$T/root/$part"
	check "$part: a directory of another user" "$(mc run --rm busybox true 2>&1)" "~" "$part belongs to user 4242"
	chown 0 "$T/root/$part"; chmod 777 "$T/root/$part"
	check "$part: one that others can write to" "$(mc run --rm busybox true 2>&1)" "~" "$part can be written by others"
	chmod 700 "$T/root/$part"
done
for part in layers images names containers volumes networks build; do
	mv "$T/root/$part" "$T/theirs/$part"; ln -s "$T/theirs/$part" "$T/root/$part"
	check "$part: a link into another user's directory" "$(mc run --rm busybox true 2>&1)" "~" "theirs, above .*belongs to user 4242"
	rm "$T/root/$part"; mv "$T/theirs/$part" "$T/root/$part"
done
mv "$T/root/layers" "$T/elsewhere"; ln -s "$T/elsewhere" "$T/root/layers"
check "a link to a place that only root can change is followed" "$(mc run --rm busybox echo far)" = far
rm "$T/root/layers"; mv "$T/elsewhere" "$T/root/layers"

# --- rm against a mount in the container's files: a bind mount has the device number of what it lies in ---
mkdir "$T/victim"; echo keep >"$T/victim/file"
id=$(mc create --name holder busybox true); mkdir "$T/root/containers/$id/upper/m"
mount --bind "$T/victim" "$T/root/containers/$id/upper/m"
exits 1 "rm of a container with a mount in its files says so" mc rm holder
check "... by the name of the mount point" "$(cat "$T/err")" "~" "m is a mount point; nothing behind it is removed"
check "what is mounted there is untouched" "$(cat "$T/victim/file")" = keep
umount "$T/root/containers/$id.removed/upper/m"
mc container prune -f >/dev/null
check "after umount, prune takes the rest" "$(ls "$T/root/containers" | grep -c "$id")" = 0
check "what was mounted is still there" "$(cat "$T/victim/file")" = keep

# --- the attach socket is the engine's own ---
id=$(mc run -d --name sock busybox sleep 1000); sock=$(ls -d /run/minictr/*/c/"$(echo "$id" | cut -c1-16)"/attach)
check "another user cannot talk to a container's monitor" "$(other test -e "$sock" && echo reached)" = ""
mc rm -f sock >/dev/null

check "nothing of the foreign root ran" "$(ls "$T/owned" 2>/dev/null)" = ""
plan "$N"
