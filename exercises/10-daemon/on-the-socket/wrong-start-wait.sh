. "$(dirname "$0")/../../lib.sh"
. "$(dirname "$0")/serve.sh"
echo "start logs" >"$LAB_STATE/answer"
