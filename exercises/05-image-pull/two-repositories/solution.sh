. "$(dirname "$0")/../lib.sh"
keep answer "git image git"
