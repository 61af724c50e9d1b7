. "$(dirname "$0")/../../lib.sh"
remove ex-middle ex-web ex-db
minictr network rm -f ex-front ex-back >/dev/null 2>&1 || true
