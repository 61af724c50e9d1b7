. "$(dirname "$0")/../../lib.sh"
dir=$LAB_STATE/root10b
keep engine10b "$dir"
mkdir -p "$dir"; chmod 700 "$dir"
MINICTR_ROOT=$dir minictr internal starter >/dev/null 2>&1
echo "engine: $dir"
