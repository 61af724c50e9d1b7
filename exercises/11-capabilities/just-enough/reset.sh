. "$(dirname "$0")/../../lib.sh"
remove greedy least
