#!/bin/sh
# 62-lab-prove.sh - every lab proves itself: reference passes, starter is todo, each mutant fails the check it names, unusual
# solutions pass, the stock mutants fail. LABS="01 03" proves only those.
. "$(dirname "$0")/lib.sh"
[ -x "$BIN/minictr-lab" ] || skip_all "the lab tool is not built"
need_root
labs=${LABS:-$(cd "$HERE/labs" && ls -d [0-9][0-9]-* | cut -c1-2)}
plan $(echo $labs | wc -w)
for n in $labs; do
	"$BIN/minictr-lab" dev check "$n" >"$T/out" 2>&1 </dev/null; rc=$?
	if [ $rc = 0 ]; then ok "lab $n: $(tail -1 "$T/out")"; else not_ok "lab $n" "$(grep -v '^  ok' "$T/out" | head -40)"; fi
done
