. "$(dirname "$0")/../../lib.sh"
minictr unpause delta >/dev/null 2>&1
remove alpha beta gamma delta epsilon
