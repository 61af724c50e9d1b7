. "$(dirname "$0")/../../lib.sh"
image=notes:$(word image)
now=$(minictr images -q --no-trunc | sort | tr '\n' ' ')
[ "$now" = "$(kept images)" ] || fail "the same images as at the start" "$(minictr images | tail -n +2 | wc -l) images, not the same" \
	"a container needs no image of its own: run makes as many containers as you like of one image [image-cooked]"
same "the image $image is unchanged" "$(kept image)" "$(minictr image inspect --format '{{.Id}}' "$image" 2>/dev/null)"
running second
same "second is made from that image" "$(kept image)" "$(look second '{{.Image}}')"
same "/note of second" "$(word old)" "$(file_in second /note)" "files of a container come from its image; first's change is in first's own layer"
there first
same "/note of first" "$(word new)" "$(file_in first /note)" "first has lost its change"
