. "$(dirname "$0")/../../lib.sh"
remove small
minictr vm rm -f large >/dev/null 2>&1
rm -f "$LAB_STATE/recorded"
