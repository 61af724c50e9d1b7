. "$(dirname "$0")/../../lib.sh"
. "$(dirname "$0")/serve.sh"
echo "wait attach" >"$LAB_STATE/answer"
