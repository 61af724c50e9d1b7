. "$(dirname "$0")/../../lib.sh"
keep answer 1
