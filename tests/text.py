#!/usr/bin/env python3
"""text.py FILE - runs the ```console blocks of a Markdown file in one shell and compares what they print.

In a block a line that begins with "$ " is a command ("> " continues it); the lines below are what it prints: "..." within
a line stands for any text, a line "..." for any lines; blanks are compared as one. No lines below: nothing is compared.
Exit status 1 when something differs; each difference is printed with its line number.
"""
import re, subprocess, sys, time

MARK = "=-=-end-of-command-=-="


def blocks(path):
	"""(line number, command, expected lines) of every command in the file."""
	inside, found = False, []
	for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
		if line.startswith("```"):
			inside = line.strip() == "```console"
		elif inside and line.startswith("$ "):
			found.append([number, line[2:], []])
		elif inside and line.startswith("> ") and found and not found[-1][2]:
			found[-1][1] += "\n" + line[2:]
		elif inside and found:
			found[-1][2].append(line)
	return found


def pattern(lines):
	out = ""
	for line in lines:
		if line.strip() == "...":
			out += r"(?:[^\n]*\n)*?"
			continue
		words = [r"\s+".join(re.escape(w) for w in part.split()) if part.split() else "" for part in line.split("...")]
		glue = [(r"\s*" if p[:1].isspace() else "", r"\s*" if p[-1:].isspace() else "") for p in line.split("...")]
		text = ".*".join(g[0] + w + g[1] for g, w in zip(glue, words))
		out += r"\s*" + text + r"[ \t]*\n"
	return out


class Shell:
	def __init__(self):
		self.process = subprocess.Popen(["bash", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT, text=True, errors="replace")

	def run(self, command):
		self.process.stdin.write("{ %s\n} </dev/null\necho; echo %s\n" % (command, MARK))
		self.process.stdin.flush()
		lines = []
		for line in self.process.stdout:
			if line.rstrip("\n").endswith(MARK):
				break
			lines.append(line)
		text = "".join(lines)
		return text[:-1] if text.endswith("\n\n") or text == "\n" else text


def main():
	shell, bad, count = Shell(), 0, 0
	for number, command, expected in blocks(sys.argv[1]):
		if re.match(r"minictr.*2>/dev/null \|\| true", command): # a command that cannot fail shows a reader nothing
			print("%s:%d: `%s` hides its own failure" % (sys.argv[1], number, command))
			bad += 1
		begin = time.time()
		got = shell.run(command)
		count += 1
		while expected and not expected[-1].strip():
			expected.pop()
		if got and not got.endswith("\n"):
			got += "\n"
		if expected and not re.fullmatch(pattern(expected), got):
			bad += 1
			print("%s:%d: $ %s\n  wanted:" % (sys.argv[1], number, command))
			print("".join("    %s\n" % l for l in expected) + "  got:")
			print("".join("    %s\n" % l for l in got.split("\n")[:12]))
		elif len(sys.argv) > 2:
			print("%s:%d ok %.2f s" % (sys.argv[1], number, time.time() - begin))
	shell.process.stdin.close()
	shell.process.wait()
	print("%d commands, %d different" % (count, bad))
	return bad > 0 or count == 0


sys.exit(main())
