. "$(dirname "$0")/../lib.sh"
curl -fs "http://$(at)/v2/" >/dev/null || { echo "the registry has gone; exercise reset, and begin again"; exit 2; }
[ "$(curl -s "http://$(at)/v2/team/$(word mine)/tags/list" | grep -c '"1"')" = 1 ] || fail "a tag 1 in the repository team/$(word mine)" \
	"$(curl -s "http://$(at)/v2/team/$(word mine)/tags/list" | grep -q '"tags":\[' && echo "it has no such tag" || echo "there is no such repository")" "the first part of a name is the registry it is pushed to: tag it with the address first"
ok "the registry has team/$(word mine):1"
name=$(at)/$(word team)/$(word needle)-tool:1
id=$(other image inspect --format '{{.Id}}' "$name" 2>/dev/null)
[ -n "$id" ] || fail "the image with $(word needle) in its name, in the second engine" "$(other images | tail -n +2 | head -3)" \
	"a registry stores images, not containers; each engine has its own copies [hub-containers]"
ok "the second engine has $name"
other save -o "$LAB_STATE/saved.tar" "$name" >/dev/null 2>&1; mkdir -p "$LAB_STATE/saved"; tar -xf "$LAB_STATE/saved.tar" -C "$LAB_STATE/saved"
same "the text in it" "$(word text)" "$(for f in $(find "$LAB_STATE/saved" -type f); do tar -xOf "$f" text 2>/dev/null; done)"
rm -rf "$LAB_STATE/saved" "$LAB_STATE/saved.tar"
