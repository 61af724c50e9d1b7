. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
minictr image inspect "quick:$(word tag)" >/dev/null 2>&1 || fail "an image quick:$(word tag)" "there is none"
# Builds a copy of the folder with this main.txt and packages.txt; prints what /installed is in it: random bytes tell whether RUN ran.
build_with() {
	rm -rf "$LAB_STATE/try"; cp -r "$app" "$LAB_STATE/try" && echo "$1" >"$LAB_STATE/try/main.txt" && echo "$2" >"$LAB_STATE/try/packages.txt"
	minictr build -q -t "try:$(word try)" "$LAB_STATE/try" >/dev/null 2>"$LAB_STATE/err" || fail "the Dockerfile builds" "$(head -3 "$LAB_STATE/err")"
	minictr run --rm --network none "try:$(word try)" cat /installed /app/main.txt /app/packages.txt 2>/dev/null
	minictr rmi -f "try:$(word try)" >/dev/null 2>&1
}
r=$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')
one=$(build_with "one$r" "p$r"); two=$(build_with "two$r" "p$r"); three=$(build_with "two$r" "q$r")
rm -rf "$LAB_STATE/try"
[ "$(echo "$one" | sed -n 1p)" = "p$r" ] || fail "the installation reads packages.txt" "$one"
[ "$(echo "$one" | sed -n 2p)" = "$(echo "$two" | sed -n 2p)" ] || fail "a new main.txt does not install again" "it did" \
	"the COPY above the RUN copies main.txt, too: its bytes are in the key of that layer, and so in the key of all that follows"
ok "a new main.txt does not install again"
[ "$(echo "$two" | sed -n 2p)" != "$(echo "$three" | sed -n 2p)" ] || fail "a new packages.txt installs again" "it did not" \
	"the RUN must lie behind the COPY of what it reads, or old packages are taken for new ones"
ok "a new packages.txt installs again"
same "/app/main.txt in the image" "two$r" "$(echo "$two" | sed -n 3p)" "the file has to be copied as well, after the installation"
same "/app/packages.txt in the image" "p$r" "$(echo "$two" | sed -n 4p)"
