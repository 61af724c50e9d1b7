. "$(dirname "$0")/../../lib.sh"
remove first second ex-make
remove_image "notes:$(word image)" second-image
