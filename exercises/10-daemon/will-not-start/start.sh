. "$(dirname "$0")/../../lib.sh"
dir=$LAB_STATE/root10
keep engine10 "$dir"
mkdir -p "$dir"; chmod 700 "$dir"
printf '{\n  "log": {\n    "max-size": "5 megabytes",\n    "max-file": 3\n  }\n}\n' >"$dir/config.json"
echo "engine: $dir"
