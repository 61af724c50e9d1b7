. "$(dirname "$0")/../../lib.sh"
dir=$(kept engine10b); [ -n "$dir" ] || exit 0
ids=$(ls "$dir/containers" 2>/dev/null); [ -z "$ids" ] || MINICTR_ROOT=$dir minictr rm -f $ids >/dev/null 2>&1
rm -rf --one-file-system "$dir"
