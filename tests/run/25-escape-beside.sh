#!/bin/sh
# Attacks beside the files: sockets that wait for a client, descriptors handed over, a debugger in a user namespace's company,
# rm against links that change under it, what the caller's environment lends, and output without end.
. "$(dirname "$0")/lib.sh"
need_root
needs busybox python3 jq || skip_all "needs busybox, python3, jq"
starter_images
chmod 755 "$T"
fds() { ls "/proc/$1/fd" 2>/dev/null | wc -l; }

# --- the attach socket: nonsense, descriptors, two clients; the monitor keeps nothing and goes on ---
id=$(mc run -di --name cat --network none busybox cat)
sock=$(ls -d /run/minictr/*/c/"$(echo "$id" | cut -c1-16)"/attach); monitor=$(mc inspect "$id" -f '{{.State.Pid}}'); monitor=$(awk '/^PPid/ {print $2}' "/proc/$monitor/status")
before=$(fds "$monitor")
cat >"$T/nonsense.py" <<'P'
import array, os, random, socket, sys
random.seed(1)
def client():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); s.settimeout(5); return s
for i in range(300):
    s = client()
    for j in range(random.randrange(1, 5)):
        kind = random.choice(b'hiqwxoe\0\xff')
        body = bytes([kind]) + os.urandom(random.choice([0, 1, 3, 4, 5, 6, 100, 32767, 40000]))
        if kind in b'hiq': body = b'w' + body[1:]  # input, its end, and hello are a client's right
        try: s.sendmsg([body], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [0, 1, 2] * 20))])
        except OSError: pass
    s.close()
P
python3 "$T/nonsense.py" "$sock" 2>"$T/err" || not_ok "the client of nonsense" "$(cat "$T/err")"
eventually 5 test "$(fds "$monitor")" = "$before"
check "descriptors sent to the monitor are not kept" "$(fds "$monitor")" = "$before"
mkfifo "$T/keys" "$T/keys2"; exec 5<>"$T/keys" 6<>"$T/keys2"
"$BIN/minictr" attach cat >"$T/one" 2>&1 <"$T/keys" & one=$!
echo one >&5
eventually 10 grep -q one "$T/one"
"$BIN/minictr" attach cat >"$T/two" 2>&1 <"$T/keys2" & two=$!
echo two >&6
eventually 10 grep -q two "$T/one"; eventually 10 grep -q two "$T/two"
check "two clients type into one program, and both see it" "$(paste -sd' ' "$T/one")|$(cat "$T/two")" = "one two|two"
exec 5>&- 6>&-; kill -KILL $one $two; wait $one $two 2>/dev/null
check "the program runs on" "$(mc inspect -f '{{.State.Running}}' cat)" = true
mc rm -f cat >/dev/null

# --- no socket of ours is in reach of a container ---
check "no name of ours in the abstract namespace, which --network host shares" "$(mc run --rm --network host busybox cat /proc/net/unix | grep -c '@.*minictr')" = 0
check "no socket in its files" "$(mc run --rm busybox find / -xdev -type s 2>/dev/null | wc -l)" = 0
check "no descriptor, variable or notify socket of the caller's service manager" "$(LISTEN_FDS=1 LISTEN_PID=$$ NOTIFY_SOCKET=/run/x LD_PRELOAD='' mc run --rm --network none busybox sh -c 'ls /proc/self/fd; env' 3</etc/shadow | tr '\n' ' ')" "!~" '(^| )[4-9] |LISTEN|NOTIFY|LD_'

# --- a debugger beside a container with ids of its own ---
cat >"$T/reach" <<'R'
while :; do
	for p in /proc/[0-9]*; do
		grep -q '^Uid:.65534' $p/status 2>/dev/null || continue
		echo saw
		for f in environ mem maps fd/0 auxv; do (: <$p/$f) 2>/dev/null && echo "REACHED $f"; done
		for d in root cwd fd; do ls $p/$d/ >/dev/null 2>&1 && echo "REACHED $d"; done
		kill -9 ${p#/proc/} 2>/dev/null && echo KILLED
	done
	sleep 0.1
done
R
mc run -d --name own --userns auto --network none busybox sh -c "$(cat "$T/reach")" >/dev/null
check "debug sees its processes" "$(mc debug own sh -c 'sleep 2; ps' </dev/null 2>/dev/null | grep -c 'while :')" -ge 1
check "and it tried" "$(mc logs own 2>/dev/null | grep -c saw)" -ge 3
check "they reach nothing of the debugger" "$(mc logs own 2>/dev/null | grep -E 'REACHED|KILLED' | sort -u)" = ""
mc rm -f own >/dev/null

# --- rm and links that change while it walks ---
mkdir "$T/victim"; i=0; while [ $i -lt 40 ]; do i=$((i + 1)); : >"$T/victim/$i"; done
cat >"$T/swap.py" <<'P'
import ctypes, os, sys
c = ctypes.CDLL(None); at = -100; d, victim = os.fsencode(sys.argv[1]), sys.argv[2]
os.symlink(victim, d + b'/link')
print(flush=True)
while os.path.isdir(d): c.renameat2(at, d + b'/link', at, d + b'/dir', 2)
P
i=0
while [ $i -lt 15 ]; do
	i=$((i + 1)); mc volume create -q v$i >/dev/null 2>&1 || mc volume create v$i >/dev/null
	data=$(mc volume inspect -f '{{.Mountpoint}}' v$i); mkdir "$data/dir"; (cd "$data/dir" && seq 400 | xargs mkdir)
	mkfifo "$T/go$i"; python3 "$T/swap.py" "$data" "$T/victim" >"$T/go$i" & p=$!
	read -r _ <"$T/go$i"; mc volume rm v$i >/dev/null 2>&1; kill $p 2>/dev/null; wait $p 2>/dev/null
done
check "rm never follows a link that was a directory a moment ago" "$(ls "$T/victim" | wc -l)" = 40
mc volume create nest >/dev/null; data=$(mc volume inspect -f '{{.Mountpoint}}' nest); mkdir "$data/m"; mount --bind "$T/victim" "$data/m"
mc volume rm nest >/dev/null 2>"$T/err"; rc=$?
check "a mount inside a volume: refused, and it is named" "$rc $(cat "$T/err")" "~" '^1 .*m is a mount point'
check "what is mounted there stays" "$(ls "$T/victim" | wc -l)" = 40
umount "$(awk -v v="$T/root" '$5 ~ v {print $5}' /proc/self/mountinfo)"; mc volume rm -f nest >/dev/null 2>&1; mc volume prune -af >/dev/null
id=$(mc create --name over busybox true); mount --bind "$T/victim" "$T/root/containers/$id"
mc rm -f over >/dev/null 2>&1; umount "$T/root/containers/$id" 2>/dev/null
check "a mount over a container's own directory is not emptied" "$(ls "$T/victim" | wc -l)" = 40
mc rm -f over >/dev/null 2>&1

# --- temporary files: the owner of a directory can exchange files in it, so root prepares images in none that a variable names ---
exits 0 "TMPDIR is not used by root" env TMPDIR="$T/nowhere" "$BIN/minictr" internal starter -f hello

# --- execs leave nothing behind ---
mc run -d --name many --network none busybox sleep 1000 >/dev/null; id=$(mc ps -q --no-trunc -f name=many)
left() { find "$T/root/containers/$id" /run/minictr/*/c/"$(echo "$id" | cut -c1-16)" 2>/dev/null | wc -l; }
mc exec many true; mc exec -d many true; sleep 0.5; before=$(left)
i=0; while [ $i -lt 15 ]; do i=$((i + 1)); mc exec many true; mc exec -d many true; done
eventually 10 sh -c "[ \$(find '$T/root/containers/$id' | wc -l) -le $before ]"
check "thirty execs, no file more" "$(left)" -le "$before"
mc rm -f many >/dev/null

# --- a job: output without end, and the engine's door as a way past its limits ---
if needs git; then
	mkdir "$T/p"; cd "$T/p" || exit 1
	git init -q -b main . && git config user.email a@example.org && git config user.name ana
	printf 'FROM busybox\nRUN sleep 321\n' >Dockerfile
	cat >.gitlab-ci.yml <<-'Y'
		default: {image: busybox}
		loud: {script: ['head -c 40000000 /dev/zero | tr "\\0" x | fold -w 1000; echo the end']}
		door: {needs: [loud], variables: {MINICTR_ENGINE: "true"}, timeout: 20 seconds, script: ['docker version >/dev/null && : >up; docker build -t slow .']}
	Y
	git add -A; git commit -qm x
	background "$BIN/minictr" pipeline run --engine >"$T/run" 2>&1 </dev/null; run=$BG
	asleep() { ps -eo args | grep -c '^sleep 321'; }
	eventually 60 sh -c 'ps -eo args | grep -q "^sleep 321"'
	check "a job builds through the door" "$(asleep)" = 1
	log=$(ls "$T"/root/pipelines/*/*/jobs/0/log); door=$(ls -d "$T"/root/pipelines/*/*/jobs/1/door/socket)
	check "a log has an end" "$(($(stat -c %s "$log") / 1000000))" = 16
	check "... that says so" "$(tail -c 600 "$log")" "~" 'too much output: the rest is not kept'
	check "and the job ends well" "$(tail -c 600 "$log")" "~" 'Job succeeded'
	crowd() { ps -eo comm | grep -c '^minictr-pipelin'; }
	before=$(crowd)
	python3 - "$door" <<-'P' &
		import socket, sys, time
		keep = []
		try:
		    for i in range(100):
		        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.setblocking(False); s.connect(sys.argv[1]); keep.append(s)
		except OSError: pass
		time.sleep(4)
	P
	sleep 2; check "a hundred clients are no hundred processes of the host" "$(($(crowd) - before))" -le 16
	wait $!; wait "$run"
	check "the job's time is over" "$(cat "$T/run")" "~" 'failed.*(timeout|longer|time)'
	eventually 20 sh -c '! ps -eo args | grep -Eq "^[s]leep 321|[m]inictr-build"'
	check "and with it what it had the engine do" "$(ps -eo pid,ppid,pgid,args | grep -E ' [s]leep 321|[m]inictr-build ')" = ""
	cd /
fi
plan "$N"
