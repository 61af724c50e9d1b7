. "$(dirname "$0")/../../lib.sh"
remove_image "byhand:$(word tag)"
rm -rf "$LAB_STATE/out"
