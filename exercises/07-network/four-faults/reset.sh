. "$(dirname "$0")/../../lib.sh"
remove ex-ask ex-a ex-b ex-c ex-d
minictr network rm -f ex-net ex-other >/dev/null 2>&1 || true
