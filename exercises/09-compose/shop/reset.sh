. "$(dirname "$0")/../../lib.sh"
for p in ex-shop ex-check; do minictr compose -p $p down -t 1 -v --remove-orphans >/dev/null 2>&1; done
remove_image ex-shop:1
dir=$(kept dir); [ -z "$dir" ] || rm -rf "$dir"
