#!/bin/sh
# The Debian package: built, clean for lintian, and in a root file system of its own installed, used, removed, purged.
. "$(dirname "$0")/lib.sh"
need_root
needs dpkg-deb dpkg-shlibdeps strip || skip_all "needs dpkg-dev"
[ -d "$HERE/.git" ] || [ -f "$HERE/.git" ] || skip_all "needs the source tree"
plan 24
build=$(dirname "$BIN")
DEB_QUICK=1; export DEB_QUICK # compressed fast, not small
deb=$(sh "$HERE/minictr/package/deb.sh" "$build" "$T" 2>"$T/deb.err" | tail -1)
check "make deb makes a package" "$(dpkg-deb -f "$deb" Package 2>&1)" = minictr
again=$(sha256sum <"$deb"); sh "$HERE/minictr/package/deb.sh" "$build" "$T" >/dev/null 2>&1
check "the same bytes a second time" "$(sha256sum <"$deb")" = "$again"
if needs lintian; then check "lintian: no error, no warning" "$(lintian --allow-root "$deb" 2>/dev/null | grep '^[EW]:')" = ""; else skip "lintian" "lintian is not installed"; fi
dpkg-deb -x "$deb" "$T/x"
missing=""; for c in $(mc --help | sed -n '/^Global flags/q; s/^  \([a-z][a-z -]*[a-z]\)  *[A-Z].*$/\1/p' | sed 's/ *$//; s/ /-/g'); do [ -s "$T/x/usr/share/man/man1/minictr-$c.1.gz" ] || missing="$missing $c"; done
check "every command has a manual page" "$missing" = ""
check "... which has the flags" "$(zcat "$T/x/usr/share/man/man1/minictr-run.1.gz" | grep -c '^\.B ')" -gt 80
if needs man; then check "... and is right for man(1)" "$(man --warnings -l "$T/x/usr/share/man/man1/minictr-run.1.gz" 2>&1 >/dev/null)" = ""; else skip "man" "man-db is not installed"; fi

# A tree without systemd: units are only noted.
if [ ! -s "$build/deb-root.tar" ]; then
	for i in $(seq 18); do skip "in a root file system of its own" "make test-deb makes one (network, a minute)"; done
	exit
fi
mkdir "$T/tree"; tar xpf "$build/deb-root.tar" -C "$T/tree" --exclude './dev/*'
cp "$deb" "$T/tree/m.deb"
in_tree() { unshare --mount --pid --fork --kill-child --net sh -c 'mount --make-rprivate /; mount --bind "$0" "$0"; mount -t proc proc "$0/proc"; mount -t tmpfs tmpfs "$0/run"; mount --rbind /sys "$0/sys"; mount --rbind /dev "$0/dev"; unset MINICTR_ROOT; exec chroot "$0" sh -c "$1"' "$T/tree" "$1"; }
files() { (cd "$T/tree" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache -o -path ./run -o -path ./proc -o -path ./sys -o -path ./dev -o -path ./tmp \) -prune -o -print | LC_ALL=C sort); }
files >"$T/before"
exits 0 "installs" in_tree 'dpkg -i /m.deb'
check "the group of the socket is there" "$(grep -c '^minictr:' "$T/tree/etc/group")" = 1
check "the socket is enabled, the daemon is not" "$(ls "$T/tree/etc/systemd/system/sockets.target.wants" 2>/dev/null) $(ls "$T/tree/etc/systemd/system/multi-user.target.wants" 2>/dev/null | grep minictr | tr '\n' ' ')" = "minictr.socket minictr-restore.service "
check "it runs a container" "$(in_tree 'minictr internal starter >/dev/null 2>&1; minictr run --rm --network none busybox echo installed' 2>&1 | tail -1)" = installed
check "helpers are found" "$(in_tree 'minictr images -q busybox | wc -l' 2>&1)" = 1
check "the daemon is found" "$(in_tree 'minictrd --version' 2>&1)" "~" '^minictrd [0-9]'
check "completion asks the program" "$(in_tree 'minictr internal complete sto' 2>/dev/null)" = stop
check "what systemd has to know at boot is there" "$(cat "$T/tree/usr/lib/sysusers.d/minictr.conf" "$T/tree/usr/lib/tmpfiles.d/minictr.conf" | grep -v '^#' | paste -sd,)" = "g minictr - -,d /run/minictr 0700 root root -"
exits 0 "a second time: an upgrade" in_tree 'dpkg -i /m.deb'
check "the group keeps its number" "$(grep -c '^minictr:' "$T/tree/etc/group")" = 1
# In the same namespaces: a container of a network of its own runs while the package goes.
exits 0 "removes" in_tree 'minictr network create shop >/dev/null && minictr run -d --name shopper --network shop -p 8099:80 busybox sleep 1000 >/dev/null && grep -c "mb\|v" /proc/net/dev >/left; dpkg -r minictr; sed 1,2d /proc/net/dev | cut -d: -f1 | tr -d " " >>/left; dpkg -s minictr 2>&1 | grep -q "deinstall"'
check "... and no link of its own is left in the kernel" "$(paste -sd' ' "$T/tree/left")" "~" '^[2-9] lo$'; rm "$T/tree/left"
check "no program is left" "$(find "$T/tree/usr" -name 'minictr*' | wc -l)" = 0
check "what was stored is" "$([ -d "$T/tree/var/lib/minictr/images" ] && echo kept)" = kept
exits 0 "purges" in_tree 'dpkg -P minictr'
check "nothing is stored any more" "$([ -e "$T/tree/var/lib/minictr" ] || echo gone)" = gone
files >"$T/after"
sed -i '\,^./etc/\(group\|gshadow\)-\?$,d; \,^./m.deb$,d' "$T/before" "$T/after"
check "no file came or went" "$(diff "$T/before" "$T/after" | grep '^[<>]' | head -5)" = ""
check "dpkg knows nothing of it" "$(in_tree 'dpkg -s minictr 2>&1' | grep -c 'not installed')" = 1
