. "$(dirname "$0")/../../lib.sh"
running "ex-$(word name)"
[ "$(said)" != 1 ] || fail "its number on the host" 1 "1 is its number inside; each pid namespace has numbers of its own"
same "its number on the host" "$(look "ex-$(word name)" '{{.State.Pid}}')" "$(said)" "compare NSpid in /proc/NUMBER/status"
