#!/bin/sh
# update.sh - after a wanted change of the run path: writes run.steps and the table of tutorial/explain.md anew. Run as root
# with a fresh build; look at `git diff` before you believe it.
set -eu
cd "$(dirname "$0")/../.."
MINICTR_ROOT=$(mktemp -d); export MINICTR_ROOT
build/bin/minictr internal starter 2>/dev/null
build/bin/minictr explain -v run --rm --memory 64m hello |
	sed -n 's/^\[[ 0-9/]*\] \([a-z]*\): .*(\([a-z._]*\), tutorial [0-9]*)$/\1 \2/p' |
	grep -E '^(oci|init) ' | sort -s -k1,1 | grep -v 'oci start.go\|delete.all\|cgroup.remove\|seal.self' >tests/golden/run.steps
rm -rf "$MINICTR_ROOT"
sed -i '/^| `/d' tutorial/explain.md
python3 - >>tutorial/explain.md <<'P'
import glob, re
text = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
rows = {}
for f in sorted(glob.glob('minictr/**/*.c', recursive=True)):
    s = open(f).read()
    for form in (r'explain_step\(\s*"([a-z]+\.[a-z_]+)",\s*(\d+),\s*' + text, r'\{\s*(?:\w+,\s*)+"([a-z]+\.[a-z_]+)",\s*(\d+),\s*' + text + r'\}'):
        for m in re.finditer(form, s):
            rows.setdefault(m.group(1), (m.group(2), ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', m.group(3))), f))
for step, (chapter, why, f) in sorted(rows.items(), key=lambda r: (int(r[1][0]), r[0])):
    print(f"| `{step}` | {chapter} | {why} | `{f.replace('minictr/', '')}` |")
P
