. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
minictr image inspect "mended:$(word tag)" >/dev/null 2>&1 || fail "an image mended:$(word tag)" "there is none" \
	"a failed RUN leaves no image; what there was before it and after it can be opened: minictr debug build"
where=$(minictr run --rm --network none "mended:$(word tag)" find /var -name "$(word file)" 2>/dev/null)
answered "where the file is" "$where" "look into the state before the failed step: find / -name $(word file)"
same "/result" "$(minictr run --rm --network none "mended:$(word tag)" cat "$where" 2>/dev/null)" \
	"$(minictr run --rm --network none "mended:$(word tag)" cat /result 2>/dev/null)" "the last RUN must write what the file holds"
[ "$(sed -n 2p "$app/Dockerfile" | cut -c1-10)" = 'RUN d=/var' ] || fail "the second line is as it was" "it was changed"
ok "the second line is as it was"
