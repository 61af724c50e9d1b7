#!/bin/sh
# 31-image-hostile.sh - archives that try to leave their root, and honest but difficult ones.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 zstd gzip || skip_all "needs python3, zstd, gzip"
mi() { "$BIN/minictr-image" "$@"; }
outside=$T/outside
mkdir -p "$T/archives" "$outside"
echo innocent >"$outside/canary"; chmod 600 "$outside/canary"; touch -d @1000 "$outside/canary"
python3 "$HERE/tests/hostile/make_archives.py" "$T/archives" "$outside" || exit 1
n=$(ls "$T/archives" | wc -l)
plan $((n + 18))

# Everything an archive might reach: what lies outside, the store's own files, the host's passwd.
state() { stat -c '%n %a %u %s %Y %i %h' "$outside" "$outside"/* /etc/passwd; ls "$MINICTR_ROOT" "$MINICTR_ROOT/images" 2>/dev/null; xattrs "$outside"; xattrs "$outside/canary"; }
xattrs() { python3 -c 'import os,sys; print(*[(k, os.getxattr(sys.argv[1], k)) for k in sorted(os.listxattr(sys.argv[1]))])' "$1"; }
mi images >/dev/null
mi import "$T/archives/ok-empty.tar" first:1 >/dev/null
before=$(state)
for a in "$T"/archives/*; do
	name=$(basename "$a"); verdict=${name%%-*}
	timeout 60 "$BIN/minictr-image" import "$a" x:1 >"$T/out" 2>"$T/err" </dev/null; rc=$?
	after=$(state)
	if [ "$before" != "$after" ]; then not_ok "$name" "something outside changed" "$(printf '%s\n' "$before" "--" "$after")"
	elif [ "$rc" -gt 1 ]; then not_ok "$name" "ended with status $rc" "$(cat "$T/err")"
	elif [ "$verdict" = no ] && [ "$rc" = 0 ]; then not_ok "$name" "was taken"
	elif [ "$verdict" = no ] && ! grep -q "$name" "$T/err"; then not_ok "$name" "the error does not name the archive" "$(cat "$T/err")"
	elif [ "$verdict" = ok ] && [ "$rc" != 0 ]; then not_ok "$name" "was refused" "$(cat "$T/err")"
	else ok "$name: $(if [ "$rc" = 0 ]; then echo contained; else head -1 "$T/err" | cut -c1-150; fi)"; fi
done
check "no half layers are left" "$(ls "$MINICTR_ROOT/layers" | grep -c -e tmp- -e lock)" = 0

# What an honest archive must look like afterwards.
mi import "$T/archives/ok-pax.tar" pax:1 >/dev/null
fs=$MINICTR_ROOT/layers/$(sed -n 's/.*"diff_ids": *\["sha256:\([0-9a-f]*\).*/\1/p' "$MINICTR_ROOT/images/blobs/sha256/$(mi images -q --no-trunc pax:1 | cut -d: -f2)")/fs
check "mode and time of the root" "$(stat -c '%a %Y' "$fs")" = "711 900000000"
check "set-user-id and owner" "$(stat -c '%a %u %g %h' "$fs/suid")" = "4755 1234 2345 2"
check "hard link is one inode" "$(stat -c %i "$fs/suid")" = "$(stat -c %i "$fs/suid-too")"
check "owner of a link" "$(stat -c '%u %g %N' "$fs/link")" = "7 8 '$fs/link' -> '/etc/passwd'"
check "times in nanoseconds" "$(stat -c %y "$fs/nano" | cut -d. -f2 | cut -c1-9)" = 123456789
check "attributes: file capability and user's, not overlayfs's own" "$(xattrs "$fs/cap" | grep -o "'[a-z.]*'," | tr -d "\n")" = "'security.capability','user.kept',"
check "device node" "$(stat -c '%t:%T %a' "$fs/null")" = "1:3 666"
check "fifo" "$(stat -c %F "$fs/fifo")" = "fifo"
check "the second of two" "$(cat "$fs/twice")" = second
check "a directory's last mode" "$(stat -c %a "$fs/dir-twice")" = 1777
check "a directory that became a file" "$(cat "$fs/was-dir")" = "now a file"
check "long name" "$(find "$fs" -name 'longlong*' -type f | wc -l)" = 1
check "UTF-8 name" "$(ls "$fs" | od -An -tx1 | tr -d ' \n' | grep -c c3a4e4b8ad)" = 1

# A set-user-id program in a layer is no program of the host: nobody but root may reach it, whatever made the directories wide.
chmod 711 "$MINICTR_ROOT" "$MINICTR_ROOT/images" "$MINICTR_ROOT/layers"; chmod 755 "$T"
mi images >/dev/null
check "images and layers are closed to other users again" "$(stat -c %a "$MINICTR_ROOT/images" "$MINICTR_ROOT/layers" | paste -sd' ')" = "700 700"
exits 1 "a set-user-id file of a layer cannot be reached by another user" setpriv --reuid 4711 --regid 4711 --clear-groups test -e "$fs/suid"
mkdir "$T/other"; MINICTR_ROOT=$T/other mi images >/dev/null; chown 4711 "$T/other/layers"
exits 1 "layers of another user are not used" env MINICTR_ROOT="$T/other" "$BIN/minictr-image" images
check "and the message says whose" "$(cat "$T/err")" "~" "belongs to user 4711"
