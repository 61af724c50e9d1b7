#!/bin/sh
# 70-course-text.sh - every command in the book, the labs and the exercises is run, and prints what the text says.
# One test a file; tests/text.py says how blocks are read.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 bash || skip_all "python3 or bash is missing"
cd "$HERE" || exit 2
files=$(ls tutorial/[0-9]*.md tutorial/cluster.md labs/[0-9]*/README.md exercises/[0-9]*/*/README.md 2>/dev/null)
with=""
for f in $files; do grep -q '^```console' "$f" && with="$with $f"; done
starter_images
PATH=$BIN:$PATH; export PATH
HOME=$T/home; mkdir -p "$HOME" "$T/here"; export HOME
plan "$(echo $with | wc -w)"
for f in $with; do
	# Some files lean on others' programs; what is missing skips the file, with the reason in its first lines.
	missing=""
	for p in $(sed -n 's/^<!-- needs: \(.*\) -->$/\1/p' "$f"); do needs $p || missing=$p; done
	if [ -n "$missing" ]; then skip "$f" "$missing is not installed"; continue; fi
	if out=$(cd "$T/here" && timeout 120 python3 "$HERE/tests/text.py" "$HERE/$f" 2>&1); then ok "$f"
	else not_ok "$f" "$out" "alone: python3 tests/text.py $f (with build/bin in PATH)"; fi
done
