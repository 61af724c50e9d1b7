#!/bin/sh
# lines.sh FILE... - code lines: neither blank nor comment (the preprocessor drops both; nothing is expanded).
# Budgets count these, so that nobody saves on comments.
for f in "$@"; do gcc -fpreprocessed -dD -E -P -x c "$f" 2>/dev/null; done | wc -l
