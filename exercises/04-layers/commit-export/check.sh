. "$(dirname "$0")/../../lib.sh"
layers() { minictr image inspect --format '{{json .RootFS.Layers}}' "$1" 2>/dev/null | tr ',' '\n' | grep -c sha256; }
for i in kept flat; do
	[ "$(layers "$i:$(word tag)")" -gt 0 ] || fail "an image $i:$(word tag)" "there is none" "an image is made when somebody commits, imports or builds; not by run or stop [image-cooked]"
done
same "busybox has not changed" "$(kept busybox)" "$(minictr image inspect --format '{{.Id}}' busybox)"
same "layers of kept:$(word tag)" "$(($(layers busybox) + 1))" "$(layers "kept:$(word tag)")" "commit adds the container's own layer to those of its image"
same "layers of flat:$(word tag)" 1 "$(layers "flat:$(word tag)")" "export writes the files as they are seen, in one piece; import makes one layer of it"
for i in kept flat; do
	same "/work/result in $i" "$(word result)" "$(minictr run --rm "$i:$(word tag)" /bin/cat /work/result 2>/dev/null)"
	same "/etc/group in $i" gone "$(minictr run --rm "$i:$(word tag)" /bin/sh -c '[ -e /etc/group ] && echo there || echo gone')" "what was deleted must not come back: a layer stores that too"
done
