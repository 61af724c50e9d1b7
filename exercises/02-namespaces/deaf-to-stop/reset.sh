. "$(dirname "$0")/../../lib.sh"
remove deaf hears
