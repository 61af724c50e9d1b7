#!/bin/sh
# 29-inherit.sh - what a container takes over from the process that starts it, and what it must not (runtime/inherit.c, one row
# of its table after the other); by run and by exec.
. "$(dirname "$0")/lib.sh"
need_root
. "$HERE/tests/run/oci.sh"
plan 28
host_null=$(stat -Lc %d:%i /dev/null)
own='c["annotations"] = {"io.minictr.stdio": "own"}
'

# --- the host's null device: looked at by its inode, so that a failure does not change it ---
bundle a 'sh("for fd in 0 1 2; do all=\"$all $(stat -Lc %d:%i,%t:%T /proc/$$/fd/$fd)\"; done; for x in $all; do echo $x; done >/tmp/null")'
rm -f "$T/rootfs/tmp/null"; oci run --bundle "$T/a" a </dev/null >/dev/null 2>/dev/null
check "run: none of the three is the host's /dev/null" "$(grep -c "^$host_null," "$T/rootfs/tmp/null")" = 0
check "... but a null device they are" "$(cut -d, -f2 "$T/rootfs/tmp/null" | paste -sd' ')" = "1:3 1:3 1:3"
bundle b 'sh("sleep 100")'
oci create --bundle "$T/b" b </dev/null >/dev/null 2>&1; oci start b
rm -f "$T/rootfs/tmp/null"; oci exec b sh -c 'for fd in 0 1 2; do all="$all $(stat -Lc %d:%i,%t:%T /proc/$$/fd/$fd)"; done; printf "%s\n" $all >/tmp/null' </dev/null >/dev/null 2>/dev/null
check "exec: none of the three is the host's /dev/null" "$(grep -c "^$host_null," "$T/rootfs/tmp/null"; cut -d, -f2 "$T/rootfs/tmp/null" | paste -sd' ')" = "0
1:3 1:3 1:3"
oci exec b rm /dev/null </dev/null
exits 255 "exec: a container that removed its /dev/null does not get the host's" oci exec b true
check "... and says why" "$(cat "$T/err")" "~" 'no null device at /dev/null'
check "... with a pipe it goes on" "$(echo in | oci exec b cat 2>"$T/err" 2>&1 | cat)" = in
echo x | oci exec b mkfifo /dev/null 2>&1 | cat
timeout 10 "$BIN/minictr-oci" --root "$T/oci" exec b true </dev/null >/dev/null 2>"$T/err"; check "a fifo in its place is refused, not waited for" "$?" = 255
echo x | oci exec b sh -c 'rm /dev/null; ln -s /proc/1/root/etc/passwd /dev/null' 2>&1 | cat
exits 255 "so is a link" oci exec b true
oci delete --force b

# --- files of the host ---
bundle c 'sh("cat; echo out")'
echo in >"$T/in"; oci run --bundle "$T/c" c <"$T/in" >"$T/out" 2>"$T/err"; check "a caller's files pass, as under runc" "$(cat "$T/out")" = "in
out"
bundle d "$own"'sh("cat; echo out")'
oci run --bundle "$T/d" d <"$T/in" >"$T/out" 2>"$T/err"; check "own: a file is refused" "$? $(cat "$T/out")" = "1 "
check "... by its name" "$(cat "$T/err")" "~" "descriptor 0 of the container would be $T/in of the host"
check "own: pipes pass" "$(echo in | oci run --bundle "$T/d" d 2>&1 | cat)" = "in
out"
check "own: sockets pass" "$(python3 -c '
import socket, subprocess, sys
a, b = socket.socketpair()
p = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=b, stderr=b); b.close(); p.wait(); print(a.recv(100).decode().strip())' "$BIN/minictr-oci" --root "$T/oci" run --bundle "$T/d" d)" = out
bundle e "$own"'sh("sleep 100")'
oci create --bundle "$T/e" e </dev/null >/dev/null 2>&1; oci start e
oci exec e cat <"$T/in" 2>"$T/err" | cat; check "own: exec refuses a file too" "$(cat "$T/err")" "~" "descriptor 2 of the container|descriptor 0 of the container"
oci exec e cat <"$T/in" 2>&1 | cat >"$T/out"; check "... standard input too" "$(cat "$T/out")" "~" "descriptor 0 of the container would be $T/in"
oci delete --force e

# --- closed descriptors ---
bundle f 'sh("for fd in 0 1 2; do all=\"$all $(readlink /proc/$$/fd/$fd)\"; done; echo $all >/tmp/closed")'
rm -f "$T/rootfs/tmp/closed"; oci run --bundle "$T/f" f <&- >&- 2>&-
check "closed ones are the container's null device, not the next file" "$(cat "$T/rootfs/tmp/closed")" = "/dev/null /dev/null /dev/null"

# --- signals, umask, personality ---
cat >"$T/odd.py" <<'P'
import os, signal, sys
for s in (signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD, signal.SIGRTMIN): signal.signal(s, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR1])
os.umask(0o077)
os.execv(sys.argv[1], sys.argv[1:])
P
odd() { python3 "$T/odd.py" "$BIN/minictr-oci" --root "$T/oci" "$@" </dev/null; }
bundle g 'c["mounts"].append({"destination": "/new/dir", "type": "tmpfs", "source": "tmpfs"}); c["process"]["cwd"] = "/fresh"; sh("grep -E \"Sig(Ign|Blk)\" /proc/self/status | cut -f2; umask; stat -c %a /dev/null /new /fresh; stat -c %a /dev/tty")'
check "ignored and blocked signals, and the umask, are not inherited" "$(odd run --bundle "$T/g" g 2>&1 | paste -sd' ')" = "0000000000000000 0000000000000000 0022 666 755 755 666"
bundle h 'c["annotations"] = {"io.minictr.init": "true"}; sh("grep -E \"Sig(Ign|Blk)\" /proc/self/status | cut -f2; grep SigIgn /proc/1/status | cut -f2")'
check "... nor below --init" "$(odd run --bundle "$T/h" h 2>&1 | sort -u)" = 0000000000000000
bundle i 'sh("sleep 100")'
oci create --bundle "$T/i" i </dev/null >/dev/null 2>&1; oci start i
check "... nor by exec" "$(odd exec i sh -c 'grep -E "Sig(Ign|Blk)" /proc/self/status | cut -f2; umask' 2>&1 | paste -sd' ')" = "0000000000000000 0000000000000000 0022"
check "personality: address randomisation stays" "$(setarch -R "$BIN/minictr-oci" --root "$T/oci" exec i cat /proc/self/personality </dev/null)" = 00000000
bundle j 'sh("cat /proc/self/personality")'
check "... by run" "$(setarch -R "$BIN/minictr-oci" --root "$T/oci" run --bundle "$T/j" j </dev/null)" = 00000000
bundle k 'c["linux"]["personality"] = {"domain": "LINUX32"}; sh("uname -m; cat /proc/self/personality")'
check "... linux.personality is obeyed" "$(run k | tail -1)" = 00000008

# --- environment, working directory ---
bundle l 'sh("env | grep -v -E \"^(PATH|PWD|SHLVL|HOME|_|OLDPWD)=\"; exit 0")'
check "no variable of the caller gets in" "$(TMPDIR=/nonexistent LC_ALL=xx_XX LANG=xx LD_PRELOAD=/nosuch.so IFS=x oci run --bundle "$T/l" l </dev/null 2>"$T/err")" = ""
mkdir "$T/gone"
check "a removed working directory does no harm" "$(cd "$T/gone" && rmdir "$T/gone" && oci run --bundle "$T/j" j </dev/null 2>&1)" = 00000000
mkdir "$T/gone"
check "... when the bundle is not in it" "$(cd "$T/gone" && rmdir "$T/gone" && oci run j </dev/null 2>&1)" "~" '^minictr-oci: bundle .: No such file'

# --- the caller's, because config.json is silent ---
bundle m 'sh("ulimit -n; cut -d\" \" -f19 /proc/self/stat; cat /proc/self/oom_score_adj")'
check "rlimits, nice and the OOM score are the caller's" "$(sh -c 'ulimit -n 300; echo 321 >/proc/self/oom_score_adj; exec nice -n 3 "$@"' sh "$BIN/minictr-oci" --root "$T/oci" run --bundle "$T/m" m </dev/null 2>&1 | paste -sd' ')" = "300 $(nice -n 3 nice) 321"
check "... by exec too" "$(sh -c 'ulimit -n 300; echo 321 >/proc/self/oom_score_adj; exec nice -n 3 "$@"' sh "$BIN/minictr-oci" --root "$T/oci" exec i sh -c 'ulimit -n; cut -d" " -f19 /proc/self/stat; cat /proc/self/oom_score_adj' </dev/null 2>&1 | paste -sd' ')" = "300 $(nice -n 3 nice) 321"
bundle n 'c["process"]["oomScoreAdj"] = 0; c["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 200, "hard": 200}]; sh("ulimit -n; cat /proc/self/oom_score_adj")'
check "... unless config.json says what they are" "$(sh -c 'ulimit -n 300; echo 321 >/proc/self/oom_score_adj; exec "$@"' sh "$BIN/minictr-oci" --root "$T/oci" run --bundle "$T/n" n </dev/null 2>&1 | paste -sd' ')" = "200 0"
