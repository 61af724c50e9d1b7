. "$(dirname "$0")/../../lib.sh"
DEBUG=
. "$(dirname "$0")/serve.sh"
echo "minictrd: ready" >>"$(kept engine10b)/d.log"
echo "wait attach" >"$LAB_STATE/answer"
