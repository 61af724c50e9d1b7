. "$(dirname "$0")/../../lib.sh"
d=$(mktemp -d); printf '%s\n' "$(word text)" >"$d/$(word file)"
tar -czf "$d.tgz" -C "$d" "$(word file)"
minictr import "$d.tgz" "byhand:$(word tag)" >/dev/null
keep answer "sha256:$(sha256sum "$d.tgz" | cut -d' ' -f1)"
rm -r "$d" "$d.tgz"
