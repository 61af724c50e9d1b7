. "$(dirname "$0")/../lib.sh"
[ -z "$(port)" ] || remove_image "$(at)/team/shop:1"
unserve
rm -rf "$LAB_STATE/git" "$LAB_STATE/repository"
