#!/usr/bin/env python3
"""book.py [--check] - what the chapters include from elsewhere is brought up to date: `make book`.

In tutorial/*.md the ```c block below a line <!-- code: tutorial/code/NN-word.c --> is that file. With --check nothing is
written; what differs is named, and the exit status is 1.
"""
import glob, re, sys

bad = 0
for path in sorted(glob.glob("tutorial/[0-9]*.md")):
	text = open(path, encoding="utf-8").read()
	new = re.sub(r"(<!-- code: (\S+) -->\n```c\n).*?(```\n)", lambda m: m[1] + open(m[2], encoding="utf-8").read() + m[3], text, flags=re.S)
	if new != text and "--check" in sys.argv:
		print("%s differs from the files it includes: make book" % path)
		bad = 1
	elif new != text:
		open(path, "w", encoding="utf-8").write(new)
sys.exit(bad)
