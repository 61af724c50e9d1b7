. "$(dirname "$0")/../../lib.sh"
ratios=$(minictr compare --replay "$LAB_STATE/kept.json" | sed -n 's/^disk for the first one .* \([0-9.]*\) x$/\1 disk/p;s/^disk for ten.* \([0-9.]*\) x$/\1 ten/p')
keep answer "$(echo "$ratios" | sort -rn | head -1 | cut -d' ' -f2) $(jq -r '.rows[] | select(.key == "calls") | .vm' "$LAB_STATE/kept.json")"
