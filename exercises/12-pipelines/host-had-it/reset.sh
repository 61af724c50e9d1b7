. "$(dirname "$0")/../../lib.sh"
for d in project clone; do [ ! -d "$LAB_STATE/$d" ] || (cd "$LAB_STATE/$d" && minictr pipeline prune --keep 0 >/dev/null 2>&1); done
rm -rf "$LAB_STATE/project" "$LAB_STATE/clone" "$LAB_STATE/bin" "$LAB_STATE/got" "$LAB_STATE/run" "$LAB_STATE/expected"
