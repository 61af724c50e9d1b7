. "$(dirname "$0")/../lib.sh"
[ -z "$(port)" ] || remove_image "$(at)/$(word team)/$(word needle)-tool:1" "$(at)/team/$(word mine):1"
unserve
