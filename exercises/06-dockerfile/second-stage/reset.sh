. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
remove_image "slim:$(word tag)" "fat:$(word tag)"
rm -rf "$app" "$LAB_STATE/out"
