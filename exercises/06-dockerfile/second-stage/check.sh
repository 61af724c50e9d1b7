. "$(dirname "$0")/../../lib.sh"
minictr image inspect "slim:$(word tag)" >/dev/null 2>&1 || fail "an image slim:$(word tag)" "there is none"
rm -rf "$LAB_STATE/out"; mkdir -p "$LAB_STATE/out"
minictr save -o "$LAB_STATE/out/image.tar" "slim:$(word tag)" && tar -xf "$LAB_STATE/out/image.tar" -C "$LAB_STATE/out"
found=""
for f in $(find "$LAB_STATE/out" -type f ! -name image.tar); do
	case $(tar -tf "$f" 2>/dev/null) in *"compiler/$(word compiler)"*) found=$f ;; esac
done
[ -z "$found" ] || fail "no layer of slim:$(word tag) holds the compiler" "compiler/$(word compiler) is in one of them" \
	"a file that a later line deletes stays in the earlier layer; a stage whose files are not copied is not in the result"
ok "no layer holds the compiler"
same "the program's words" "$(word says)" "$(minictr run --rm --network none "slim:$(word tag)" 2>/dev/null)"
same "the command of the image" "[\"$(word tool)\"]" "$(minictr image inspect --format '{{json .Config.Cmd}}' "slim:$(word tag)" 2>/dev/null)" \
	"each stage has a configuration of its own: CMD must stand in the last one"
rm -rf "$LAB_STATE/out"
