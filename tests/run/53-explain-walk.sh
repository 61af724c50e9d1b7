#!/bin/sh
# 53-explain-walk.sh - explain --step, --record, --replay, --html, --svg: every step stops, and the kernel's facts are true.
. "$(dirname "$0")/lib.sh"
need_root
starter_images
cd "$T" || exit 2

mc explain --record start.walk --html start.html --svg start.svg run --rm hello >out 2>&1
check "a recorded command does what it does" "$(cat out)" "~" "Hello, nobody"
check "the walk has every step of the run" "$(jq -r '.steps[].step' <start.walk | grep -c 'namespace.clone\|rootfs.pivot\|caps.set\|seccomp.apply')" = 4
own=$(readlink /proc/self/ns/net | tr -dc 0-9)
fact() { jq -r --arg s "$1" ".steps[] | select(.step == \$s) | .$2[]" <start.walk | grep "^$3	"; }
check "before the clone the parent has the host's network namespace" "$(fact namespace.clone before 'namespace net')" = "namespace net	$own"
check "its child has another" "$(fact cgroup.enter before 'namespace net' | grep -vc "	$own")" = 1
check "pivot_root changes the root directory" "$(fact rootfs.pivot before 'directory root')" != "$(fact rootfs.pivot after 'directory root')"
check "and takes the host's mounts away" "$(fact rootfs.pivot after mount.* | wc -l)" -lt "$(jq -r '.steps[] | select(.step == "rootfs.pivot") | .before[]' <start.walk | grep -c ^mount)"
check "capabilities are fewer after caps.set" "$(fact caps.set after 'capabilities effective')" "~" "	1[0-9] "

mc explain --replay start.walk </dev/null >all
check "replay without keys prints every step once" "$(grep -c '^\[[0-9]*/' all)" = "$(jq '.steps | length' <start.walk)"
check "with what has changed" "$(grep -A30 'init.*rootfs.pivot' all)" "~" "directory root: inode"
printf 'nnb g12\nq' | mc explain --replay start.walk >keys
check "keys go forwards, backwards and to a number" "$(grep -o '^\[[0-9]*/' keys | tr -d '[/' | tr '\n' ' ')" = "1 2 3 2 3 12 "
# shellcheck disable=SC2016
chmod 755 "$T"; cp start.walk /tmp/minictr-walk.$$; chmod 644 /tmp/minictr-walk.$$
check "replay needs neither root nor an engine" "$(setpriv --reuid 65534 --clear-groups env -i "$BIN/minictr" explain --replay /tmp/minictr-walk.$$ </dev/null | grep -c '^\[1/')" = 1
rm -f /tmp/minictr-walk.$$
# An unprivileged user's command starts over in a user namespace: it does, and not explain with it.
mkdir -m 700 "$T/home" && chown 65534:65534 "$T/home"
user() { (cd "$T/home" && setpriv --reuid 65534 --regid 65534 --clear-groups env -i HOME="$T/home" PATH="$PATH" MINICTR_ROOT="$T/home/root" "$@"); }
if user "$BIN/minictr" internal starter >/dev/null 2>&1 && user "$BIN/minictr" run --rm --network none hello >/dev/null 2>&1; then
	user "$BIN/minictr" explain --record user.walk run --rm --network none hello >/dev/null 2>&1
	check "an unprivileged user's walk has every step" "$(jq -r '.steps[].step' <"$T/home/user.walk" | grep -c 'namespace.clone\|rootfs.pivot\|caps.set\|seccomp.apply')" = 4
	for p in $(pgrep -u 65534 -x minictr-pause); do kill "$p"; done # it holds the user's namespaces until told
else skip "an unprivileged user's walk has every step" "no containers for this user here"; fi
sed 's/rootfs.pivot/\\u001b[2J<script>/' start.walk >evil.walk
mc explain --replay evil.walk --html evil.html </dev/null
check "a stranger's file moves no cursor and runs no script" "$(mc explain --replay evil.walk </dev/null | grep -c "$(printf '\033')") $(grep -c '\[2J<script>' evil.html)" = "0 0"
check "a file that is no walk is refused" "$(echo '{}' >no.walk; mc explain --replay no.walk 2>&1)" "~" "no.walk is no recorded walk"
check "replay runs nothing" "$(mc explain --replay start.walk run hello 2>&1)" "~" "runs nothing"

check "the page has a section for each step" "$(grep -c '<section id=' start.html)" = "$(jq '.steps | length' <start.walk)"
check "it loads nothing from elsewhere" "$(grep -c 'src=\|<link\|url(\|http' start.html)" = 0
if needs xmllint; then check "the picture is well-formed" "$(xmllint --noout start.svg 2>&1)" = ""; else skip "the picture is well-formed" "no xmllint"; fi
check "the picture has lanes and the new namespaces" "$(cat start.svg)" "~" 'own: .*pid'

# The picture in chapter 2 is what its walk says, and the walk is what a start does.
mc explain --replay "$HERE/tutorial/walks/02-start.walk" --svg book.svg
check "the picture of chapter 2 is drawn from its walk (make book)" "$(cmp book.svg "$HERE/tutorial/pictures/02-start.svg" 2>&1)" = ""
names() { jq -r '.steps[] | select(.calls | length > 0) | .who + " " + .step' <"$1" | grep '^init' | grep -v 'rootfs.dev\|namespace.cgroup'; }
check "and a start goes the same way today" "$(names start.walk)" = "$(names "$HERE/tutorial/walks/02-start.walk")"

# Steps that stop: the process stands still, and its number can be looked at.
mkfifo keys.fifo
mc explain --step run --rm busybox echo done >stepped 2>&1 <keys.fifo & stepper=$!; PIDS="$PIDS $stepper"
exec 7>keys.fifo
steps=0
while [ $steps -lt 60 ] && ! grep -q ' rootfs.mounts$\| rootfs.mounts.$' stepped; do
	steps=$((steps + 1)); echo >&7
	eventually 5 sh -c "[ \$(grep -c '^\[' stepped) -gt $steps ]" || break
done
pid=$(sed -n 's/^\[ *[0-9]*\] init \([0-9]*\): rootfs.mounts.*/\1/p' stepped)
check "init stands before its mounts" "$(cat /proc/"$pid"/mountinfo 2>/dev/null | grep -c 'overlay')" = 1
check "in a network of its own" "$(readlink /proc/"$pid"/ns/net | tr -dc 0-9)" != "$own"
check "the changes since its last step are told" "$(cat stepped)" "~" "since its last step, namespace.go, the kernel has changed|a new process; unlike its parent"
printf c >&7; exec 7>&-
wait $stepper; check "c does all the rest" "$? $(grep -c '^done' stepped)" = "0 1"
printf '\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\nq' | mc explain --step run --rm busybox echo done >quit 2>&1
check "q ends the command half-way" "$(grep -c '^done' quit)" = 0
check "and nothing of it runs on" "$(mc ps -q | wc -l)" = 0
plan "$N"
