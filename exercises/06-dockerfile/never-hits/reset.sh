. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
remove_image "quick:$(word tag)" "try:$(word try)"
rm -rf "$app" "$LAB_STATE/try" "$LAB_STATE/err"
