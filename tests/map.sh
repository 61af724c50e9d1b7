#!/bin/sh
# map.sh - prints the core in reading order and, per folder, "to change X, open Y".
# Made from minictr/FLOOR/core.list and minictr/FLOOR/MAP, with line counts measured now: it cannot rot unseen.
cd "$(dirname "$0")/.." || exit 2
echo "THE CORE, in reading order (code lines, comments not counted)"
total=0
for floor in base runtime image registry network volume engine build compose pipeline vm daemon cli learn; do
	[ -f minictr/$floor/core.list ] || continue
	echo; echo "minictr/$floor/"
	while read -r file what; do
		case $file in ''|'#'*) continue ;; esac
		n=$(sh tests/lines.sh "minictr/$floor/$file"); total=$((total + n))
		printf '  %-22s %4d   %s\n' "$file" "$n" "$what"
	done <minictr/$floor/core.list
	[ -f minictr/$floor/given.list ] || continue
	given=0
	while read -r file what; do
		case $file in ''|'#'*) continue ;; esac
		given=$((given + $(sh tests/lines.sh "minictr/$floor/$file")))
	done <minictr/$floor/given.list
	echo "  leans on (given: real code that no lab teaches, $given lines)"
	while read -r file what; do
		case $file in ''|'#'*) continue ;; esac
		printf '    %-22s %4d   %s\n' "$file" "$(sh tests/lines.sh "minictr/$floor/$file")" "$what"
	done <minictr/$floor/given.list
done
echo; echo "core: $total lines of at most 6500"
for floor in base runtime image registry network volume engine build compose pipeline vm daemon cli learn; do
	[ -f minictr/$floor/MAP ] || continue
	echo; echo "TO CHANGE ... in minictr/$floor/"
	sed 's/^/  /' minictr/$floor/MAP
done
