. "$(dirname "$0")/../../lib.sh"
d=$(mktemp -d); printf '%s\n' "$(word text)" >"$d/$(word file)"
tar -cf "$d.tar" -C "$d" "$(word file)"
minictr import "$d.tar" "byhand:$(word tag)" >/dev/null
keep answer "sha256:$(sha256sum "$d.tar" | cut -d' ' -f1)"
rm -r "$d" "$d.tar"
