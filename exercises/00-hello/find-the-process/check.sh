. "$(dirname "$0")/../../lib.sh"
running "ex-$(word name)"
[ "$(said)" != 1 ] || fail "its number on the host, by: exercise answer NUMBER" 1 "1 is its number inside; each pid namespace has numbers of its own"
answered "its number on the host" "$(look "ex-$(word name)" '{{.State.Pid}}')" "compare NSpid in /proc/NUMBER/status"
