#!/bin/sh
# 71-course-map.sh - nothing is taught without a check, and nothing is told by `explain` without a place in the book.
. "$(dirname "$0")/lib.sh"
needs python3 || skip_all "python3 is missing"
cd "$HERE" || exit 2
plan 5

# What is drawn fits a terminal of 60 columns, with the indent of `tutorial`; a program, which may go on below, one of 80.
out=$(python3 - <<'END'
import glob
for path in sorted(glob.glob("tutorial/*.md")):
    kind = None
    for n, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n").expandtabs(4)
        if line.startswith("```"):
            kind = None if kind is not None else line[3:]
        elif kind is not None and len(line) > { "": 58, "c": 76 }.get(kind, 999):
            print("%s:%d: %d columns: %s" % (path, n, len(line), line))
END
)
if [ -z "$out" ]; then ok "drawings and programs fit"; else not_ok "drawings and programs fit" "$out"; fi

# Every step id of the sources has a place: a heading of the chapter it names (### id), or a row of tutorial/explain.md.
out=$(python3 - <<'END'
import glob, os, re
book = {}
for path in glob.glob("tutorial/[0-9]*.md"):
    for line in open(path, encoding="utf-8"):
        for found in re.findall(r"\*\*`([a-z_.]+)`\*\*", line) + (re.findall(r"[a-z_]+\.[a-z_]+", line) if line.startswith("### ") else []):
            book.setdefault(found, set()).add(int(os.path.basename(path)[:2]))
for line in open("tutorial/explain.md", encoding="utf-8"): # the list of all steps: name, chapter
    row = re.match(r"\| `([a-z_.]+)` \| (\d+) \|", line)
    if row:
        book.setdefault(row[1], set()).add(int(row[2]))
chapters = {int(os.path.basename(p)[:2]) for p in glob.glob("tutorial/[0-9]*.md")}
for path in sorted(glob.glob("minictr/*/*.c")):
    text = open(path, encoding="utf-8").read()
    for m in re.finditer(r'"([a-z_]+\.[a-z_]+)",\s*(\d{1,2}),\s*"', text):
        if int(m[2]) in chapters and int(m[2]) not in book.get(m[1], ()):
            print("%s: step %s is not in chapter %s" % (path, m[1], m[2]))
END
)
if [ -z "$out" ]; then ok "every step of explain has a place in the book"; else not_ok "every step of explain has a place in the book" "$out"; fi

# concepts.ini: chapter, section and exercise exist; the check exists, once the step is closed.
out=$(python3 - <<'END'
import configparser, glob, os, re
c = configparser.ConfigParser(interpolation=None); c.read("labs/concepts.ini")
closed = int(c["course"]["closed"])
tasks = set()
for path in glob.glob("labs/[0-9]*/lab.ini"):
    lab = configparser.ConfigParser(interpolation=None, strict=False); lab.read(path)
    tasks |= {s for s in lab.sections() if s != "lab"}
for name in c.sections():
    if name == "course": continue
    row = c[name]
    number, _, section = row.get("chapter", "").partition("#")
    paths = glob.glob("tutorial/%s-*.md" % number)
    if int(row["step"]) > closed and not paths: continue
    if not paths: print("%s: there is no chapter %s" % (name, number)); continue
    if section and section not in open(paths[0], encoding="utf-8").read(): print("%s: %s has no section or belief %s" % (name, paths[0], section))
    check = row.get("check", "").split()
    if not check and int(row["step"]) <= closed: print("%s: nothing checks it" % name)
    for one in check:
        if re.fullmatch(r"\d\d\.\d", one):
            if one not in tasks: print("%s: there is no task %s" % (name, one))
        elif one.startswith("tests/"):
            if not os.path.exists(one): print("%s: %s is missing" % (name, one))
        elif not os.path.exists("exercises/%s/check.sh" % one): print("%s: there is no exercise %s" % (name, one))
# and the other way round: every belief box of the book is a row
rows = " ".join(c[s].get("chapter", "") for s in c.sections())
for path in sorted(glob.glob("tutorial/[0-9]*.md")):
    for belief in re.findall(r"Common belief \(([a-z0-9-]+)\)", open(path, encoding="utf-8").read()):
        if "#" + belief not in rows: print("%s: belief %s is not in labs/concepts.ini" % (path, belief))
for path in sorted(glob.glob("exercises/[0-9]*/*/")):
    if path[10:-1] not in " ".join(c[s].get("check", "") for s in c.sections()): print("%s is not in labs/concepts.ini" % path)
END
)
if [ -z "$out" ]; then ok "every concept has a place and a check"; else not_ok "every concept has a place and a check" "$out"; fi

# Every misconception that a mutant or a check names has its sentence.
out=$(for lab in labs/[0-9]*/; do
	for id in $(grep -rhoE '"M-[A-Z0-9-]+"' "$lab"checks.c | tr -d '"' | sort -u) $(sed -n 's/^\/\* mutant [0-9.]* \(M-[A-Z0-9-]*\).*/\1/p' "$lab"mutants/*.c | sort -u); do
		grep -q "^\[$id\]" "$lab/misread.ini" labs/misread.ini || echo "${lab}misread.ini: $id has no sentence"
	done
done)
if [ -z "$out" ]; then ok "every misconception has its sentence"; else not_ok "every misconception has its sentence" "$out"; fi

check "programs and pictures in the chapters are the files they name" "$(python3 tests/book.py --check)" = ""
