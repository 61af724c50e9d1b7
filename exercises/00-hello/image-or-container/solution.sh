. "$(dirname "$0")/../../lib.sh"
minictr run -d --name second "notes:$(word image)" sleep 100000 >/dev/null
