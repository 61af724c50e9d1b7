#!/bin/sh
# `vm run`: the image of `run`, booted; console, exit code, -v -e -w -u -p, exec, logs, stop, rm. Few boots, many looks at each.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vm.sh"
need_root
need_vm
starter_images

# --- what needs no machine ---
exits 125 "a kernel that is not there" mc vm run --kernel /nosuch/vmlinuz busybox true
check "is named" "$(cat "$T/err")" "~" '/nosuch/vmlinuz: there is no such file'
mkdir "$T/empty"
head -c 4000 /dev/zero >"$T/notes.txt"
exits 125 "a file that is no kernel" mc vm run --kernel "$T/notes.txt" busybox true
check "is named" "$(cat "$T/err")" "~" 'notes.txt: this file is no Linux kernel'
exits 125 "a directory without a kernel" mc vm run --kernel "$T/empty" busybox true
check "which package has one" "$(cat "$T/err")" "~" 'linux-image-cloud'
exits 125 "half a processor" mc vm run --cpus 0.5 busybox true
check "says why" "$(cat "$T/err")" "~" 'whole processors'
exits 1 "exec in none" mc vm exec nosuch true
check "a machine's words" "$(cat "$T/err")" "~" 'No such virtual machine: nosuch'
exits 125 "too little memory for a kernel" mc vm run --memory 16m busybox true
exits 125 "an accelerator that is none" mc vm run --accel warp busybox true
exits 125 "an image that is not here" mc vm run --pull never nosuch true
exits 125 "a file instead of a directory" mc vm run -v /etc/passwd:/x busybox true
check "says so" "$(cat "$T/err")" "~" 'directories only'
exits 125 "a port without the host's" mc vm run -p 80 busybox true
exits 0 "--dry-run" mc vm run --dry-run --memory 128m -p 8080:80 busybox true
check "is qemu's command line" "$(tr '\n' ' ' <"$T/out")" "~" 'qemu-system.*-nodefaults.*hostfwd=tcp::8080-:80'
check "and no card without -p" "$(mc vm run --dry-run busybox true | grep -c netdev)" -eq 0
check "nothing stays of what was refused" "$(ls "$T/root/vm/containers" "$T/root/vm/names" | grep -cE '^[a-z0-9]' | tr -d ' ')" -eq 0

# --- one boot: the program's world ---
mkdir -p "$T/share" "$T/ro"; echo from-host >"$T/share/a"; echo look >"$T/ro/b"; chmod 777 "$T/share"
printf 'line 1\nline 2' >"$T/stdin"
OWN=mine mc vm run -i -q --rm --cpus 2 --memory 160m -e GIVEN=yes -e OWN -w /deep/er -u 1000:1001 --hostname guest -v "$T/share:/s" -v "$T/ro:/r:ro" busybox sh -c '
	echo "kernel $(uname -r)"; echo "boot $(cat /proc/sys/kernel/random/boot_id)"; echo "id $(id -u):$(id -g)"; echo "dir $(pwd)"; echo "cpus $(nproc)"; echo "mem $(sed -n "s/^MemTotal: *\([0-9]*\) kB/\1/p" /proc/meminfo)"
	echo "env $GIVEN $OWN"; echo "host $(hostname)"; echo "links $(ls /sys/class/net | tr "\n" " ")"; echo "read $(cat /s/a /r/b | tr "\n" " ")"
	echo written >/s/w; (echo no >/r/w) 2>/dev/null || echo "ro held"; echo "stdin $(cat | tr "\n" "+")"; echo to-err >&2; exit 41' <"$T/stdin" >"$T/out" 2>"$T/err"
check "the exit code comes out" $? -eq 41
check "another kernel than the host's" "$(sed -n 's/^kernel //p' "$T/out")" != "$(uname -r)"
check "the one that was chosen" "$(grep -c "vmlinuz-$(sed -n 's/^kernel //p' "$T/out")$" "$T/vm-info")" -eq 1
check "another boot" "$(sed -n 's/^boot //p' "$T/out")" != "$(cat /proc/sys/kernel/random/boot_id)"
check "--cpus" "$(grep '^cpus' "$T/out")" = "cpus 2"
MEM=$(sed -n 's/^mem //p' "$T/out")
check "--memory: less than 160 MiB, more than 96" "$([ "${MEM:-0}" -lt 163840 ] && [ "${MEM:-0}" -gt 98304 ] && echo yes || echo "$MEM")" = yes
check "-u" "$(grep '^id' "$T/out")" = "id 1000:1001"
check "-w makes the directory" "$(grep '^dir' "$T/out")" = "dir /deep/er"
check "-e with and without value" "$(grep '^env' "$T/out")" = "env yes mine"
check "--hostname" "$(grep '^host' "$T/out")" = "host guest"
check "no network card" "$(grep '^links' "$T/out")" = "links lo "
check "-v: host files are seen" "$(grep '^read' "$T/out")" = "read from-host look "
check "-v: what is written is on the host" "$(cat "$T/share/w" 2>/dev/null)" = "written"
check "-v :ro is read-only" "$(grep -c '^ro held' "$T/out") $(ls "$T/ro")" = "1 b"
check "standard input arrives whole, with its end" "$(grep '^stdin' "$T/out")" = "stdin line 1+line 2"
check "standard error stays apart" "$(cat "$T/err")" = "to-err"
check "--rm leaves nothing" "$(mc vm ps -aq | wc -l) $(ls "$T/root/vm/containers" | wc -l)" = "0 0"

# --- one boot: a machine in the background ---
PORT=$(free_port)
ID=$(mc vm run -d --name web -v kept:/kept -p "127.0.0.1:$PORT:80" busybox sh -c 'echo started; httpd -f -h /etc; echo "served $?"; exit 5')
check "-d prints the id" "$ID" "~" '^[0-9a-f]{64}$'
exits 125 "the name is taken" mc vm run -d --name web busybox true
check "ps" "$(mc vm ps --format '{{.Names}} {{.Image}} {{.State}}')" = "web busybox running"
QEMU=$(mc vm ps --format '{{.Pid}}')
check "its process on the host is qemu" "$(tr '\0' '\n' <"/proc/$QEMU/cmdline" | head -1)" "~" 'qemu-system'
check "not listed among containers" "$(mc ps -aq | wc -l)" -eq 0
exits 1 "rm of one that runs" mc vm rm web
exits 1 "its volume cannot be removed" mc volume rm kept
check "the machine is named" "$(cat "$T/err")" "~" 'in use - .web.'
check "... prune and dangling know it, too" "$(mc volume prune -af 2>&1 | grep -c kept) $(mc volume ls -q -f dangling=true | wc -l)" = "0 0"
if eventually 60 curl -sf -m 2 -o "$T/hosts" "http://127.0.0.1:$PORT/hosts"; then check "-p: its web server answers" "$(cat "$T/hosts")" "~" '^127.0.0.1'; else not_ok "-p: its web server answers"; fi
check "exec: its own exit code" "$(mc vm exec web sh -c 'echo in; exit 9'; echo $?)" = "in
9"
exits 127 "exec -w: the directory must be there" mc vm exec -w /nosuch web true
check "exec -i" "$(seq 1 5000 | mc vm exec -i web md5sum)" = "$(seq 1 5000 | md5sum)"
check "exec of no program" "$(mc vm exec web /nosuch >/dev/null 2>&1; echo $?)" -eq 127
check "much output arrives whole" "$(mc vm exec web sh -c 'yes 0123456789 | head -n 100000' | md5sum)" = "$(yes 0123456789 | head -n 100000 | md5sum)"
# The serial line (major 4, minor 64: admin-guide/devices.txt) ends in a file of the host, which the monitor keeps below 1 MB.
mc vm exec web sh -c 'mknod /tmp/serial c 4 64; dd if=/dev/zero of=/tmp/serial bs=64k count=24' 2>"$T/dd"; sleep 1
check "the serial line does not fill the host's disk" "$(grep -c '^24+0 records out' "$T/dd") $(find "$MINICTR_ROOT/vm" -name console -size +1100k | wc -l) $(find "$MINICTR_ROOT/vm" -name console | wc -l)" = "1 0 1"
check "the programs are not in the host's /proc" "$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' | grep -c 'httpd -f -h /etc; echo "served [^"]*"; exit 5 *$')" -eq 0
mc vm exec web sh -c 'kill $(pidof httpd)'
if eventually 30 sh -c "[ \"\$($BIN/minictr vm ps -a --format '{{.State}}')\" = exited ]"; then check "it ended by itself, with its code" "$(mc vm ps -a --format '{{.ExitCode}}')" -eq 5; else not_ok "it ended by itself"; fi
check "qemu is gone" "$(ls -d "/proc/$QEMU" 2>/dev/null)" = ""
check "logs after the end" "$(mc vm logs web | tr '\n' ' ')" "~" '^started .*served 143'
exits 0 "rm" mc vm rm web
exits 0 "and its volume" mc volume rm kept

# --- one boot: a terminal, stop by force ---
mc vm run -d --name deaf busybox sh -c 'trap "" TERM; while :; do sleep 1; done' >/dev/null
check "exec -t has a terminal of its size" "$(cat >"$T/size.py" <<'P'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    sys.stdin.readline()
    os.execv(os.environ["BIN"] + "/minictr", ["minictr", "vm", "exec", "-it", "deaf", "sh", "-c", "sleep 1; stty size; tty"])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 77, 0, 0))
os.write(fd, b"\n")
out = b""
try:
    while True:
        b = os.read(fd, 4096)
        if not b: break
        out += b
except OSError: pass
os.waitpid(pid, 0)
print(out.decode().replace("\r", "").replace("\n", " "))
P
python3 "$T/size.py")" "~" '31 77 /dev/pts/0'
exits 0 "stop of a program that is deaf to TERM" mc vm stop -t 1 deaf
check "switched off" "$(mc vm ps -a --format '{{.State}} {{.ExitCode}}')" = "exited 137"
exits 0 "rm -f" mc vm rm -f deaf
exits 0 "rm -f of none" mc vm rm -f deaf
check "no socket is left" "$(find /run/minictr -name vm -path "*$(printf %.16s "$ID")*" 2>/dev/null | wc -l)" -eq 0
plan $N
