. "$(dirname "$0")/../../lib.sh"
for p in ex-needs ex-check; do minictr compose -p $p down -t 1 -v --remove-orphans >/dev/null 2>&1; done
dir=$(kept dir); [ -z "$dir" ] || rm -rf "$dir"
