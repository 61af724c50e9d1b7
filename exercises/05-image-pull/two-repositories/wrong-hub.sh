. "$(dirname "$0")/../lib.sh"
keep answer "image image git"
