. "$(dirname "$0")/../../lib.sh"
keep answer "$(uname -r) $(uname -r)-guest 1"
