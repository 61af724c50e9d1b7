#!/usr/bin/env python3
"""circles.py OBJECTS - files of minictr/ that call each other in a circle, by what nm(1) says of their objects.

A circle cannot be read from the bottom up: none of its files is understood before the others. Prints each one with the
names that tie it; exit status 1 when there is one that stands in no row of ALLOWED.
"""
import os
import subprocess
import sys

# Circles that are natural, with the reason. All files of a circle stand in one row.
ALLOWED = [
    ("a table of commands, and the commands that show the table",
     "cli/commands.c cli/cmd/explain.c cli/cmd/help.c cli/cmd/internal.c cli/prompt/complete.c"),
    ("a grammar that holds itself: an operand may be a pipeline in brackets",
     "cli/format/template.c cli/format/template_operand.c"),
    ("a table of keys, and the values that are themselves maps with a table of keys",
     "compose/canon.c compose/canon_ports.c compose/canon_service.c"),
    ("lab 05 teaches token, blob and pull in one file; the transport stands between them",
     "registry/pull.c registry/remote.c registry/download.c registry/index_fetch.c"),
]


def objects(folder):
    """Objects and the sources they were made of; what has no source any more is left out."""
    for base, _, files in os.walk(folder):
        for name in sorted(files):
            path = os.path.join(base, name)
            source = os.path.relpath(path, folder)[:-2] + ".c"
            if name.endswith(".o") and os.path.exists("minictr/" + source) and not source.endswith("tail_none.c"):
                yield path, source


def calls(folder):
    """For each source: the other sources whose names it needs, and those names."""
    made, needed = {}, {}
    for path, source in objects(folder):
        needed[source] = set()
        for line in subprocess.run(["nm", "-P", path], capture_output=True, text=True, check=True).stdout.splitlines():
            name, kind = line.split()[:2]
            if kind == "U":
                needed[source].add(name)
            elif kind in "TDBRVWC" and name != "main":
                made[name] = source
    graph = {source: {} for source in needed}
    for source, names in needed.items():
        for name in sorted(names):
            if made.get(name, source) != source:
                graph[source].setdefault(made[name], []).append(name)
    return graph


def circles(graph):
    """Strongly connected components of more than one file (Tarjan 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in graph[v]:
            if w not in index:
                visit(w)
            if w in stack:
                low[v] = min(low[v], low[w])
        if low[v] == index[v]:
            at = stack.index(v)
            found.append(stack[at:])
            del stack[at:]

    sys.setrecursionlimit(10000)
    for v in sorted(graph):
        if v not in index:
            visit(v)
    return [sorted(c) for c in found if len(c) > 1]


def main():
    graph, bad = calls(sys.argv[1]), 0
    for circle in circles(graph):
        if any(set(circle) <= set(files.split()) for _, files in ALLOWED):
            continue
        bad = 1
        print("lint: files that call each other in a circle: " + " ".join(circle))
        for a in circle:
            for b in circle:
                if b in graph[a]:
                    print("lint:   %s -> %s: %s" % (a, b, " ".join(graph[a][b])))
    sys.exit(bad)


main()
