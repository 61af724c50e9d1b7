. "$(dirname "$0")/../../lib.sh"
running hears
minictr kill -s TERM hears >/dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ "$(look hears '{{.State.Running}}')" = true ] || break; sleep 0.1; done
[ "$(look hears '{{.State.Running}}')" = false ] || fail "hears ends within two seconds of a TERM" "it goes on" \
	"the kernel drops signals for process 1 that it has no handler for [pid1-term]"
ok "hears has heard"
same "its exit code" 143 "$(look hears '{{.State.ExitCode}}')"
