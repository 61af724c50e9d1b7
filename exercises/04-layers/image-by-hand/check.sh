. "$(dirname "$0")/../../lib.sh"
ids=$(minictr image inspect --format '{{json .RootFS.Layers}}' "byhand:$(word tag)" 2>/dev/null | tr -d '[]"' | tr ',' '\n')
[ -n "$ids" ] || fail "an image byhand:$(word tag)" "there is none"
same "layers" 1 "$(echo "$ids" | wc -l)"
answered "the diff id of the layer" "$ids" "a diff id is the hash of the tar as it is, before any compression"
rm -rf "$LAB_STATE/out"; mkdir -p "$LAB_STATE/out"
minictr save -o "$LAB_STATE/out/image.tar" "byhand:$(word tag)" && tar -xf "$LAB_STATE/out/image.tar" -C "$LAB_STATE/out"
found=""
for f in $(find "$LAB_STATE/out" -type f ! -name image.tar); do
	case $(tar -tf "$f" 2>/dev/null) in *"$(word file)"*) found=$f ;; esac
done
[ -n "$found" ] || fail "a layer with the file /$(word file)" "no layer of the saved image has it"
same "files in the layer" 1 "$(tar -tf "$found" | grep -vc '/$')"
same "its text, read back out of the saved image" "$(word text)" "$(tar -xOf "$found" "$(tar -tf "$found" | grep "$(word file)")")"
