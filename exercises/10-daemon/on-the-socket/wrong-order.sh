. "$(dirname "$0")/../../lib.sh"
. "$(dirname "$0")/serve.sh"
echo "attach wait" >"$LAB_STATE/answer"
