. "$(dirname "$0")/../../lib.sh"
there hears
case $(look hears '{{.State.Status}}') in
running) ok "hears runs" ;;
*) fail "hears runs" "$(look hears '{{.State.Status}}'), with exit code $(look hears '{{.State.ExitCode}}')" "each check sends a TERM: \`start hears\` before the next one" ;;
esac
handlers=$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$(look hears '{{.State.Pid}}')/status")
minictr kill -s TERM hears >/dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ "$(look hears '{{.State.Running}}')" = true ] || break; sleep 0.1; done
if [ "$(look hears '{{.State.Running}}')" != false ]; then
	# Bit 14 is TERM. A shell with a trap has a handler, and runs it only when the command it waits for has ended.
	[ $((0x${handlers:-0} >> 14 & 1)) = 0 ] || fail "hears ends within two seconds of a TERM" "it goes on" \
		"process 1 has a handler for TERM, but it waits for its child first: a shell runs a trap only between commands"
	fail "hears ends within two seconds of a TERM" "it goes on" \
		"the kernel drops signals for process 1 that it has no handler for [pid1-term]"
fi
ok "hears has heard"
same "its exit code" 143 "$(look hears '{{.State.ExitCode}}')" "143 is 128 + 15: the program itself has ended by TERM, or says so"
