# prove.sh - what 62-lab-prove-*.sh source with their labs in $mine: each lab proves itself. The reference passes, the starter
# is todo, each mutant fails the check it names, unusual solutions pass, the stock mutants fail. LABS="01 03": only those.
. "$(dirname "$0")/lib.sh"
[ -x "$BIN/minictr-lab" ] || skip_all "the lab tool is not built"
need_root
labs=""
for n in $mine; do case " ${LABS:-$mine} " in *" $n "*) labs="$labs $n" ;; esac; done
[ -n "$labs" ] || skip_all "none of them is among LABS"
plan $(echo $labs | wc -w)
# One run at a time builds and grades in a build folder (learn/mine.c): with one of its own, hard links below the real one,
# a script does not wait for the others.
own=$(mktemp -d "$BIN/../prove.XXXXXX") || skip_all "cannot write beside $BIN"
cleanup() { rm -rf --one-file-system "$own"; }
cp -al "$BIN" "$own/bin" && cp -al "$BIN/../gen" "$own/gen"
for n in $labs; do
	"$own/bin/minictr-lab" dev check "$n" >"$T/out" 2>&1 </dev/null; rc=$?
	if [ $rc = 0 ]; then ok "lab $n: $(tail -1 "$T/out")"; else not_ok "lab $n" "$(grep -v '^  ok' "$T/out" | head -40)"; fi
done
