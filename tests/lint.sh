#!/bin/sh
# lint.sh - the rules of the house that a program can check. Prints each breach; exit status 1 when there is one.
cd "$(dirname "$0")/.." || exit 2
bad=0
say() { echo "lint: $*"; bad=1; }
rank() { case $1 in base) echo 0 ;; runtime) echo 1 ;; image|registry|network|volume) echo 2 ;; engine) echo 3 ;; build|compose|pipeline|vm) echo 4 ;; daemon|cli|learn) echo 5 ;; *) echo 99 ;; esac; }
all=$(git ls-files -co --exclude-standard 'minictr/*.c' 'minictr/*.h')

# Floors: a file includes headers of its own floor or of lower ones; neighbours only where the plan says so.
for f in $all; do
	floor=$(echo "$f" | cut -d/ -f2); mine=$(rank "$floor")
	for inc in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$f" | sort -u); do
		[ "$inc" = "$floor" ] && continue
		theirs=$(rank "$inc")
		[ "$floor/$inc" = registry/image ] && continue
		[ "$theirs" -lt "$mine" ] || say "$f includes $inc/, which is not below $floor/"
	done
done

# Files: at most 600 lines, and they say what they are for.
for f in $all; do
	n=$(wc -l <"$f"); [ "$n" -le 600 ] || say "$f has $n lines (at most 600)"
	head -3 "$f" | grep -q '/\*' || say "$f does not open with what it is for"
done
long=$(awk 'length($0) > 200 {print FILENAME ":" FNR}' $all | head -5)
[ -z "$long" ] || say "lines over 200 columns: $(echo $long)"

# Functions: none over 60 lines, 90 % at most 40, median at most 12.
if command -v ctags >/dev/null 2>&1; then
	git ls-files -co --exclude-standard 'minictr/*.c' | xargs ctags -x --c-kinds=f --_xformat='%{line} %{end} %F %N' 2>/dev/null | awk '{print $2-$1+1, $3, $4}' | sort -n >/tmp/minictr-lint.$$
	awk '$1 > 60 {print "lint: " $2 " " $3 "() has " $1 " lines (at most 60)"; bad=1} END {exit bad}' /tmp/minictr-lint.$$ || bad=1
	awk '{n[NR]=$1} END {m=n[int((NR+1)/2)]; p=n[int(NR*0.9)]; printf "functions: %d, median %d, 90%% at most %d lines\n", NR, m, p; exit (m > 12 || p > 40)}' /tmp/minictr-lint.$$ || say "functions are too long on the whole"
	rm -f /tmp/minictr-lint.$$
fi

# Budgets of DESIGN: core and all, code lines per floor.
budget() {
	core=0 total=0
	for floor in $4; do
		[ -d minictr/$floor ] || continue
		for f in $(sed -n 's/^\([a-z][a-z0-9_]*\.[ch]\).*/\1/p' minictr/$floor/core.list 2>/dev/null); do
			[ -f minictr/$floor/$f ] || { say "minictr/$floor/core.list names $f, which is not there"; continue; }
			core=$((core + $(sh tests/lines.sh minictr/$floor/$f)))
		done
		total=$((total + $(sh tests/lines.sh $(git ls-files -co --exclude-standard "minictr/$floor/*.c" "minictr/$floor/*.h") )))
	done
	printf '%-28s core %5d of %5d   all %6d of %6d\n' "$1" $core $2 $total $3
	[ $core -le $2 ] || say "$1: the core has $core lines, at most $2"
	[ $total -le $3 ] || say "$1: all have $total lines, at most $3"
}
# The core's limits are the book's: they stay. "All" was guessed before the first line; since steps 1 to 4 it is what they
# took and a little room, so that growth is noticed and has to be argued for here.
budget base 600 2150 base           # + lines broken at a terminal's width
budget runtime 1800 9500 runtime    # config.json to its last key, on v1 and v2, with and without systemd
budget image 900 4200 image         # + commit, cp and several writers at once
budget registry 350 4500 registry   # the client's 3000 and a server of its own
budget network 650 3000 network
budget volume 200 900 volume
budget engine 600 7700 engine       # every verb of docker on a container, the monitor, users without root: their network and ids
budget "build compose pipeline vm" 900 9000 "build compose pipeline vm"
budget "daemon cli learn" 500 14500 "daemon cli learn"   # 60 commands, the prompt, the crash box and the graders

# The map: whoever looks for the place of a change finds every file (commands by their name), and no file that is gone.
for map in minictr/*/MAP; do
	floor=$(dirname "$map")
	for n in $(grep -oE '(^|[ (])[a-z][a-z0-9_/-]*\.[ch]\b' "$map" | tr -d ' (' | sort -u); do
		[ -f "$floor/$n" ] || [ -f "minictr/$n" ] || [ "$n" = checks.c ] || say "$map names $n, which is not there"
	done
	for n in $(cd "$floor" && ls *.c); do
		case $n in cmd_*) continue ;; esac
		grep -qw "$n" "$map" "$floor/core.list" || say "$map: no row leads to $n"
	done
done

# Core headers name no tail type.
for f in minictr/*/core.list; do
	floor=$(dirname "$f")
	for h in $(sed -n 's/^\([a-z][a-z0-9_]*\.h\).*/\1/p' "$f"); do
		grep -Hn 'struct [a-z_]*_tail {' "$floor/$h" && say "$floor/$h defines a tail type"
	done
done

# Shape of the top level, shell syntax, words that must not stay.
extra=$(git ls-files -co --exclude-standard | cut -d/ -f1 | sort -u | grep -vxE 'labs|minictr|tutorial|exercises|tests|Makefile|README\.md|LICENSE|CONTRIBUTING\.md|SECURITY\.md|\..*' | tr '\n' ' ')
[ -z "$extra" ] || say "top level holds more than the fixed shape: $extra"
for s in $(git ls-files -co --exclude-standard '*.sh'); do
	shell=sh; head -1 "$s" | grep -q bash && shell=bash
	$shell -n "$s" || say "$s: shell syntax"
done
left=$(grep -rnE '\b(FIXME|XXX)\b' minictr --include='*.[ch]' | head -5)
[ -z "$left" ] || say "left open: $left"
if command -v clang-format >/dev/null 2>&1; then
	unformatted=$(clang-format --dry-run -Werror $all 2>&1 | sed -n 's/^\(minictr[^:]*\):[0-9].*/\1/p' | sort -u | head -20)
	[ -z "$unformatted" ] || say "not as .clang-format wants it: $(echo $unformatted)"
fi
[ $bad = 0 ] && echo "lint: clean"
exit $bad
