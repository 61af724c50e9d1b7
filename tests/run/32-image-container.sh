#!/bin/sh
# 32-image-container.sh - commit, export, cp: images and files that come out of containers.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 busybox || skip_all "needs python3 and busybox"
plan 38
busybox_rootfs "$T/bb"
tar -C "$T/bb" -c . | mc import -c 'CMD ["/bin/sh"]' -c 'ENV PATH=/bin' - bb:1 >/dev/null
mc run --name work bb:1 /bin/sh -c 'echo new >/new; rm /etc/group; rm -rf /root; mkdir /root; echo in >/root/f; chmod 4755 /root/f; ln /root/f /root/g; chown 5:6 /new' || not_ok "a container runs"

# --- commit ---
id=$(mc commit -m 'my change' -a ana -c 'ENV B=2' work done:1)
check "commit prints an id" "$id" "~" '^sha256:[0-9a-f]{64}$'
check "files are in the image" "$(mc run --rm done:1 /bin/sh -c 'cat /new /root/f; echo $B')" = "new
in
2"
check "deleted ones are not" "$(mc run --rm done:1 /bin/sh -c 'ls /etc')" "!~" group
check "modes, owners, hard links" "$(mc run --rm done:1 /bin/sh -c 'stat -c "%a %h" /root/f; stat -c "%u:%g" /new')" = "4755 2
5:6"
check "the parent is as it was" "$(mc run --rm bb:1 /bin/sh -c 'ls /new; ls /etc' 2>/dev/null | grep -c -e new -e group)" = 1
mc create --name words --entrypoint env bb:1 sh -c 'echo "a b"; date' >/dev/null; mc commit words words:1 >/dev/null; mc rm words >/dev/null
check "history has the command's words as they are" "$(mc history --no-trunc --format '{{.CreatedBy}}' words:1 | head -1; mc rmi words:1 >/dev/null)" = 'sh -c echo "a b"; date'
check "history" "$(mc history --format '{{.Comment}}' done:1 | head -1)" = "my change"
if needs skopeo; then
	check "two layers, the first is shared" "$(skopeo inspect "oci:$MINICTR_ROOT/images:docker.io/library/done:1" | grep -c '^ *"sha256:')" -eq 2
	mc save done:1 >"$T/done.tar"
	check "the layer says deletions in the spec's words" "$(for l in $(tar -tf "$T/done.tar" | grep blobs/sha256/.); do tar -xOf "$T/done.tar" "$l" | tar -t 2>/dev/null | grep -E '\.wh\.'; done | sort | tr '\n' ' ')" = "etc/.wh.group root/.wh..wh..opq "
	MINICTR_ROOT=$T/second mc load -q -i "$T/done.tar" >/dev/null
	check "a second engine sees the same tree" "$(MINICTR_ROOT=$T/second mc run --rm done:1 /bin/sh -c 'cd /; ls etc root; cat new')" = "$(mc run --rm done:1 /bin/sh -c 'cd /; ls etc root; cat new')"
else for i in 1 2 3; do skip "skopeo" "not installed"; done; fi
exits 1 "commit of nothing" mc commit nosuch x:1
# A link in the image that leads to a directory of the host: what lies there is not part of the image.
mkdir -p "$T/bb2"; ln -s "$T" "$T/bb2/lnk"
tar -C "$T/bb2" -rf "$T/bb2.tar" . && tar -C "$T/bb" -rf "$T/bb2.tar" ./bin ./proc ./dev ./etc && mc import -c 'ENV PATH=/bin' "$T/bb2.tar" bb2:1 >/dev/null
mc run --name lnk bb2:1 /bin/sh -c 'rm /lnk; mkdir /lnk; echo x >/lnk/done.tar; echo x >/lnk/bb'
check "diff does not follow a layer's link to the host" "$(mc diff lnk | paste -sd' ')" = "C /lnk A /lnk/bb A /lnk/done.tar"

# --- export ---
mc export work >"$T/work.tar"
check "export has the image's and the container's files" "$(tar -tf "$T/work.tar" | grep -c -e '^new$' -e '^bin/busybox$' -e '^root/f$')" = 3
check "... but nothing deleted" "$(tar -tf "$T/work.tar" | grep -c 'etc/group')" = 0
check "... and no whiteouts" "$(tar -tf "$T/work.tar" | grep -c '\.wh\.')" = 0
mc import "$T/work.tar" flat:1 >/dev/null
check "and comes back by import" "$(mc run --rm flat:1 /bin/cat /root/f)" = in

# --- cp: each row of docker's table, both directions, stopped and running ---
echo host >"$T/file"; mkdir -p "$T/dir/sub"; echo deep >"$T/dir/sub/f"; ln -s sub/f "$T/dir/link"; chown 9:9 "$T/file"
mc run -d --name live bb:1 /bin/sh -c 'sleep 300' >/dev/null
for c in work live; do
	mc cp -q "$T/file" $c:/copied; mc cp -q "$T/file" $c:/tmp; mc cp -q "$T/dir" $c:/newdir; mc cp -q "$T/dir" $c:/tmp; mc cp -q "$T/dir/." $c:/tmp
	mc cp -q $c:/copied - | tar -xO >"$T/out"
	check "$c: a file to a new name" "$(cat "$T/out")" = host
	check "$c: into a directory" "$(mc cp -q $c:/tmp/file - | tar -xO)" = host
	check "$c: a directory to a new name, into one, and its content" "$(mc cp -q $c:/newdir/sub/f - | tar -xO)$(mc cp -q $c:/tmp/dir/sub/f - | tar -xO)$(mc cp -q $c:/tmp/sub/f - | tar -xO)" = "deepdeepdeep"
	check "$c: owner is root without -a" "$(mc cp -q $c:/copied - | tar -tv --numeric-owner | awk '{print $2}')" = 0/0
	rm -rf "$T/o"; mkdir "$T/o"; mc cp -q $c:/newdir "$T/o"; mc cp -q $c:/newdir/. "$T/o/flat"; mc cp -q $c:/copied "$T/o/renamed"
	check "$c: out again" "$(cat "$T/o/newdir/sub/f" "$T/o/flat/sub/f" "$T/o/renamed"; readlink "$T/o/newdir/link")" = "deep
deep
host
sub/f"
	tar -C "$T" -c dir | mc cp -q - $c:/root
	check "$c: tar on stdin" "$(mc cp -q $c:/root/dir/sub/f - | tar -xO)" = deep
done
check "a running container sees it" "$(mc exec live /bin/cat /tmp/sub/f)" = deep
mc exec live /bin/ln -s "$T/file" /evil; mc exec live /bin/ln -s ../../../../../../../.. /up
exits 1 "a link in the container leads nowhere on the host" mc cp -L live:/evil "$T/o/stolen"
mc cp -q "$T/dir/sub/f" live:"/up$T/file" 2>/dev/null
check "... nor does writing through one" "$(cat "$T/file")" = host
exits 1 "a directory onto a file" mc cp "$T/dir" live:/copied
check "... in docker's words" "$(cat "$T/err")" "~" "cannot copy a directory"
exits 1 "a missing source" mc cp live:/nosuch "$T/o"
exits 1 "a missing directory" mc cp "$T/file" live:/nosuch/
exits 1 "no container named" mc cp "$T/file" "$T/o"

# --- rmi of what is in use ---
exits 1 "rmi of a running container's image" mc rmi bb:1
check "... in docker's words" "$(cat "$T/err")" "~" "conflict: unable to remove repository reference"
mc rm -f live work >/dev/null
