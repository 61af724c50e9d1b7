. "$(dirname "$0")/../lib.sh"
serve
keep root "$LAB_STATE/other"
image "$(word team)/$(word needle)-tool:1" "$(word text)"
image "$(word team)/other:1" other
