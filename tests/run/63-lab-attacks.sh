#!/bin/sh
# 63-lab-attacks.sh - the scoreboard of attacks: the reference stands all; an engine with a wrong task falls where that task is.
. "$(dirname "$0")/lib.sh"
[ -x "$BIN/minictr-lab" ] || skip_all "the lab tool is not built"
need_root
TOP=$T/top; MINICTR_TOP=$TOP; export MINICTR_TOP
mkdir -p "$TOP/build/gen"
cp -r "$HERE/labs" "$HERE/minictr" "$TOP/"
for d in bin lib obj; do ln -s "$(dirname "$BIN")/$d" "$TOP/build/$d"; done
for f in "$(dirname "$BIN")"/gen/*; do cp "$f" "$TOP/build/gen/"; done  # copies: as in 61-lab-tool.sh
rm "$TOP/build/gen/lab-link.ini"; sed "s,$(dirname "$BIN")/,build/,g" "$(dirname "$BIN")/gen/lab-link.ini" >"$TOP/build/gen/lab-link.ini"
lab() { "$BIN/minictr-lab" "$@" </dev/null; }

plan 7
lab attacks >"$T/out"; rc=$?
check "there are at least twenty attacks" "$(grep -c '^  stands\|^  FALLS\|^  env' "$T/out")" -ge 20
check "the reference stands all" "$rc $(grep -c 'FALLS\|BUG' "$T/out")" = "0 0"
check "each names the task that raises the wall" "$(grep -c '^  stands.* [01][0-9]\.[1-9] reference' "$T/out")" -ge 20
lab start 1 >/dev/null
# The old root stays where pivot_root put it: on top of the new one.
sed -i 's|^.*TODO([0-9.]*, rootfs_set_readonly[,)].*$|\treturn 0;|' "$TOP/work/01-chroot/rootfs.c"
# A circle among services is followed for ever.
lab start 9 >/dev/null
sed -i 's|^.*TODO([0-9.]*, graph_order[,)].*$|\tfor (;;)\n\t\tcontinue;|' "$TOP"/work/09-compose/*.c
lab attacks >"$T/out"; rc=$?
check "a task that never ends lets its wall fall" "$(cat "$T/out")" "~" "FALLS  services that need each other .* 09.1 yours"
check "a task that does nothing lets its wall fall" "$(cat "$T/out")" "~" "FALLS  writing to a read-only root .* 01.6 yours"
check "and no other wall" "$rc $(grep -c FALLS "$T/out")" = "1 2"
check "what fell is told" "$(cat "$T/out")" "~" "the image's file system was written to"
