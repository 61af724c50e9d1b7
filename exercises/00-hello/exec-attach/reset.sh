. "$(dirname "$0")/../../lib.sh"
remove clerk
