. "$(dirname "$0")/../../lib.sh"
remove worker
remove_image "kept:$(word tag)" "flat:$(word tag)"
