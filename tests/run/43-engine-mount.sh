#!/bin/sh
# mount and unmount: a container's files under a path of the host, running or not.
. "$(dirname "$0")/lib.sh"
need_root
starter_images
mc create --name idle busybox true >/dev/null
m=$(mc mount idle)
check "the files of one that does not run" "$(ls "$m/bin/busybox")" = "$m/bin/busybox"
check "a second mount is the same" "$(mc mount idle)" = "$m"
echo host >"$m/from-host"
check "it is listed" "$(mc mount | sed 's/^[0-9a-f]*  //')" = "$m"
exits 1 "a start would be a second overlay over the same files: refused" mc start idle
check "... with the command to give" "$(cat "$T/err")" "~" "minictr unmount idle"
exits 0 "unmount" mc unmount idle
check "nothing stays mounted" "$(grep -c "$T/root" /proc/self/mountinfo)" = 0
check "what was written is the container's" "$(mc diff idle)" = "A /from-host"
exits 0 "it starts" mc start idle
mc run -d --name live busybox sleep 1000 >/dev/null
m=$(mc mount live); mc exec live touch /from-inside
check "of one that runs: what happens inside is seen" "$(ls "$m/from-inside")" = "$m/from-inside"
touch "$m/from-host"; check "and the other way round" "$(mc exec live ls /from-host)" = /from-host
exits 0 "rm -f unmounts first" mc rm -f live
check "nothing stays mounted, nor is left" "$(grep -c "$T/root" /proc/self/mountinfo; ls "$T/root/containers" | grep -c removed)" = "0
0"
exits 0 "unmount of one that is not mounted is no error" mc unmount idle
exits 1 "mount of none" mc mount nosuch
mc rm idle >/dev/null
plan "$N"
