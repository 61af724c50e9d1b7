#!/usr/bin/env python3
"""steps.py - every step of explain, read from the sources: the rows of the table in tutorial/explain.md.

   steps.py           prints the rows
   steps.py check     compares them with the page; prints what differs, exit status 1

A step stands in a table of `struct road_step` or in a call explain_step("id", chapter, "why"). A row or a call that this
program does not understand is an error, never left out; so is an id that stands twice.
"""
import glob, os, re, sys

os.chdir(os.path.dirname(os.path.abspath(__file__)) + "/../..")
STEP = r'"([a-z]+\.[a-z_]+)",\s*(\d+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)'
ROW = re.compile(r'\{\s*\w+,\s*\w+,\s*\w+,\s*' + STEP + r'\}')
CALL = re.compile(r'explain_step\(\s*' + STEP + r'\)')
# One of two steps, with a reason that names what was found: explain_step(hit ? "build.hit" : "build.miss", 6, why)
EITHER = re.compile(r'explain_step\(\s*\w+ \? "([a-z]+\.[a-z_]+)" : "([a-z]+\.[a-z_]+)",\s*(\d+),\s*(?:/\*.*?\*/)?\s*\w+\)')
steps, wrong = {}, []


def text(literals):
    joined = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
    return joined.replace('\\"', '"').replace("\\\\", "\\")


def found(path, m):
    if m[1] in steps:
        wrong.append("%s: step %s stands in %s too" % (path, m[1], steps[m[1]][2]))
    steps[m[1]] = (int(m[2]), text(m[3]), path)


for path in sorted(glob.glob("minictr/**/*.c", recursive=True)):
    source = re.sub(r"/\*.*?\*/", "", open(path, encoding="utf-8").read(), flags=re.S)
    name = path.replace("minictr/", "", 1)
    for table in re.finditer(r"struct road_step (\w+)\[\] = \{\n(.*?)\n\};", source, re.S):
        rows = list(ROW.finditer(table[2]))
        if len(rows) != len(re.findall(r"\{", table[2])):
            wrong.append("%s: %s has a row that is not { run, undo, needed, id, chapter, why }" % (name, table[1]))
        for m in rows: found(name, m)
    calls = list(CALL.finditer(source))
    variable = len(re.findall(r"explain_step\(steps\[i\]\.|void explain_step\(", source))
    either = list(EITHER.finditer(source))
    for m in either:
        for step in m[1], m[2]:
            steps[step] = (int(m[3]), "names the step and what was found", name and path)
    if len(calls) + len(either) + variable != source.count("explain_step("):
        wrong.append("%s: a call of explain_step() without a literal id, chapter and reason" % name)
    for m in calls: found(name, m)

rows = ["| `%s` | %d | %s | `%s` |" % (step, chapter, why, path)
        for step, (chapter, why, path) in sorted(steps.items(), key=lambda s: (s[1][0], s[0]))]
if sys.argv[1:] == ["check"]:
    page = [line.rstrip("\n") for line in open("tutorial/explain.md", encoding="utf-8") if line.startswith("| `")]
    wrong += ["only in the sources: " + r for r in rows if r not in page]
    wrong += ["only on the page: " + r for r in page if r not in rows]
else:
    print("\n".join(rows))
if wrong:
    print("\n".join(wrong), file=sys.stderr)
    sys.exit(1)
