. "$(dirname "$0")/../../lib.sh"
running painter
env=$(tr '\0' '\n' <"/proc/$(look painter '{{.State.Pid}}')/environ")
value() { printf '%s\n' "$env" | sed -n "s/^$1=//p"; }
[ -z "$(value TOKEN)" ] || fail "no TOKEN in its environment" "TOKEN=$(value TOKEN)" "only what was asked for with -e goes in; a secret should not"
same "COLOUR of the process" "$(word colour)" "$(value COLOUR)" "-e COLOUR carries the value it has where you type; -e COLOUR=VALUE says it"
same "SHAPE of the process" "$(word shape)" "$(value SHAPE)"
[ -z "$(value USER)" ] || fail "nothing else of yours" "USER=$(value USER)"
ok "nothing else of yours"
