#!/bin/sh
# update.sh - after a wanted change of a road: writes *.steps and the table of tutorial/explain.md anew. Run as root
# with a fresh build; look at `git diff` before you believe it. tests/run/27-explain-steps.sh compares both.
set -eu
cd "$(dirname "$0")/../.."
BIN=$PWD/build/bin; T=$(mktemp -d); MINICTR_ROOT=$T/root; export MINICTR_ROOT
. tests/golden/run.sh
"$BIN/minictr" internal starter 2>/dev/null
"$BIN/minictr" run -d --name golden busybox sleep 1000 >/dev/null
for walk in $walks; do golden "$walk" >"tests/golden/$walk.steps"; done
"$BIN/minictr" rm -f golden >/dev/null
rm -rf "$T"
rows=$(python3 tests/golden/steps.py)
sed -i '/^| `/d' tutorial/explain.md
printf '%s\n' "$rows" >>tutorial/explain.md
