#!/bin/sh
# 43-engine-files.sh - cp, diff, export, commit: files in and out, never through a link that a container planted.
. "$(dirname "$0")/lib.sh"
need_root
plan 21
starter_images
cd "$T"
mc run -d --name box busybox sleep 1000 >/dev/null
echo hello >a; mkdir d; echo 1 >d/one; ln -s /etc/passwd d/link
mc cp -q a box:/tmp
check "a file into a directory" "$(mc exec box cat /tmp/a)" = hello
mc cp -q a box:/tmp/b
check "a file under a new name" "$(mc exec box cat /tmp/b)" = hello
mc cp -q d box:/tmp
check "a directory goes into a directory" "$(mc exec box cat /tmp/d/one)" = 1
mc cp -q d/. box:/new
check "its content into a new one" "$(mc exec box cat /new/one)" = 1
mc cp -q box:/tmp/d back
check "and out again, links as links" "$(cat back/one; readlink back/link)" = "1
/etc/passwd"
check "to - is a tar" "$(mc cp box:/tmp/d - | tar t | sort | tr '\n' ' ')" = "d/ d/link d/one "
check "from - is a tar" "$(tar c a | mc cp -q - box:/new; mc exec box cat /new/a)" = hello
exits 1 "what is not there" mc cp box:/nosuch .
check "is said" "$(cat "$T/err")" "~" 'Could not find the file /nosuch in container box'
exits 1 "a directory onto a file" mc cp d box:/tmp/a
mc exec box ln -s "$T" /escape
mc cp -q a box:/escape/planted 2>/dev/null
if [ -e "$T/planted" ]; then not_ok "a planted link leads nowhere on the host"; else ok "a planted link leads nowhere on the host"; fi
mc exec box ln -s /etc/shadow /tmp/evil
mc cp -q -L box:/tmp/evil got 2>/dev/null
if [ -f got ] && cmp -s got /etc/shadow; then not_ok "nor does cp -L read the host's file"; else ok "nor does cp -L read the host's file"; fi

mc exec box sh -c 'rm /bin/arch; mkdir /made; echo 1 >/made/x; echo >>/etc/group'
mc diff box >diff
check "diff: A" "$(grep -c '^A /made/x$' diff)" = 1
check "diff: C" "$(grep -c '^C /etc/group$' diff)" = 1
check "diff: D" "$(grep -c '^D /bin/arch$' diff)" = 1
check "diff is silent about what the engine made" "$(grep -cE '/etc/(hosts|hostname|resolv.conf)' diff)" = 0
check "export is the whole tree" "$(mc export box | tar t | grep -cE '^(\./)?(made/x|bin/busybox)$')" = 2
mc commit -c 'ENV A=commit' -m msg -a me box my:1 >/dev/null
check "commit" "$(mc run --rm my:1 sh -c 'echo $A; cat /made/x; test -e /bin/arch || echo gone' | tr '\n' ' ')" = "commit 1 gone "
check "the container still runs" "$(mc inspect -f '{{.State.Status}}' box)" = running
mc stop -t 0 box >/dev/null
mc cp -q box:/made/x x
check "cp out of a stopped one" "$(cat x)" = 1
mc export box >box.tar; mc import box.tar again:1 >/dev/null
check "export | import is the same tree" "$(mc run --rm again:1 cat /made/x)" = 1
mc rm box >/dev/null
