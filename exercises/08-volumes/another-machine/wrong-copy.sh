. "$(dirname "$0")/../../lib.sh"
minictr --root "$(kept machine2)" volume create dbdata >/dev/null
cat "$(minictr volume inspect -f '{{.Mountpoint}}' dbdata)/log" >"$(kept machine2)/volumes/dbdata/data/log"
