# user.sh - an ordinary user with subordinate ids, for tests that run as root: sourced behind lib.sh.
#
# Everything is made inside the test's own mount and network namespaces: the machine's /etc/passwd, /etc/subuid and /dev stay
# as they are. After `make_user`, `user COMMAND...` runs a command as uid 4711 with 65536 subordinate ids from 600000 on.
make_user() {
	mkdir -p "$T/etc" "$T/user/home" "$T/user/run" "$T/user/bin"
	for f in passwd group subuid subgid; do cat /etc/$f >"$T/etc/$f" 2>/dev/null; done
	echo "mctester:x:4711:4711:A Learner:$T/user/home:/bin/sh" >>"$T/etc/passwd"
	echo "mctester:x:4711:" >>"$T/etc/group"
	echo "mctester:600000:65536" | tee -a "$T/etc/subuid" >>"$T/etc/subgid"
	for f in passwd group subuid subgid; do [ -e /etc/$f ] && mount --bind "$T/etc/$f" /etc/$f; done
	cp "$BIN"/minictr* "$T/user/bin/"
	chmod 755 "$T" "$T/user"; chmod -R a+rX "$T/user/bin"; chown -R 4711:4711 "$T/user/home" "$T/user/run"
	chmod 700 "$T/user/run"
}
user() {
	env -i PATH="$T/user/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" HOME="$T/user/home" XDG_RUNTIME_DIR="$T/user/run" \
		USER=mctester LC_ALL=C ${ASAN_OPTIONS:+"ASAN_OPTIONS=$ASAN_OPTIONS"} setpriv --reuid 4711 --regid 4711 --clear-groups sh -c 'cd; exec "$@"' sh "$@"
}
u() { user minictr "$@"; }
# Ends the containers and the process that holds the namespaces, and gives the user's files back: they belong to ids of /etc/subuid.
end_user() {
	ids=$(u ps -aq 2>/dev/null); [ -z "$ids" ] || u rm -f $ids >/dev/null 2>&1
	u internal rootless-stop >/dev/null 2>&1
	for f in passwd group subuid subgid; do umount /etc/$f 2>/dev/null; done
	:
}
# A device that every distribution opens to all (the kernel makes it for root only): in this mount namespace.
open_tun() {
	[ -c /dev/net/tun ] || return 1
	mkdir -p "$T/dev" && mount -t tmpfs -o mode=755 dev "$T/dev" && mknod -m 666 "$T/dev/tun" c 10 200 && mount --bind "$T/dev/tun" /dev/net/tun
}
close_tun() { umount /dev/net/tun 2>/dev/null; umount "$T/dev" 2>/dev/null; :; }
