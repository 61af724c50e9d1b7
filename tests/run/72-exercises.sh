#!/bin/sh
# 72-exercises.sh - every exercise: the start state fails the check, the solution passes it, each mistake is named, reset leaves nothing.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 curl git || skip_all "python3, curl or git is missing"
cd "$HERE" || exit 2
starter_images
PATH=$BIN:$PATH; export PATH
LAB_HOME=$T/lab; LAB_SEED=$(od -An -N4 -tx4 /dev/urandom | tr -d ' '); export LAB_HOME LAB_SEED
all=$(cd exercises && ls -d [0-9]*/*/ | sed 's,/$,,')
n=0; for e in $all; do n=$((n + 4 + $(ls exercises/$e/wrong-*.sh | wc -l))); done
plan $n
state() { minictr ps -aq --no-trunc | sort; minictr images -q --no-trunc | sort; }
script() { EXERCISE=$e LAB_STATE=$LAB_HOME/$e sh "exercises/$e/$1" >"$T/out" 2>&1; }
for e in $all; do
	state >"$T/before"
	if sh exercises/run.sh "$e" >"$T/out" 2>&1 && ! grep -q '\$(' "$T/out"; then ok "$e starts (seed $LAB_SEED)"; else not_ok "$e starts (seed $LAB_SEED)" "$(cat "$T/out")"; fi
	exits 1 "$e: the start state is not the goal" sh exercises/run.sh check
	for w in exercises/$e/wrong-*.sh; do
		script "${w##*/}"
		sh exercises/run.sh check >"$T/out" 2>&1; rc=$?
		if [ $rc = 1 ] && grep -q "meaning" "$T/out"; then ok "$w is named"; else not_ok "$w is named" "status $rc" "$(cat "$T/out")"; fi
		sh exercises/run.sh reset >/dev/null 2>&1; sh exercises/run.sh "$e" >/dev/null 2>&1
	done
	script solution.sh; cp "$T/out" "$T/solution"
	sh exercises/run.sh check >"$T/out" 2>&1; rc=$?
	if [ $rc = 0 ]; then ok "$e: the solution passes"; else not_ok "$e: the solution passes" "$(cat "$T/solution" "$T/out")"; fi
	sh exercises/run.sh reset >/dev/null 2>&1
	state >"$T/after"
	if cmp -s "$T/before" "$T/after"; then ok "$e: reset leaves nothing"; else not_ok "$e: reset leaves nothing" "$(diff "$T/before" "$T/after")"; fi
done
