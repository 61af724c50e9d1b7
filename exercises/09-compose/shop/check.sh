. "$(dirname "$0")/../../lib.sh"
file=$(kept dir)/compose.yaml
[ -f "$file" ] || fail "a file $file" "there is none"
# The file is brought up under another name: what counts is what it says, not what was started by hand.
dc() { minictr compose -f "$file" -p ex-check "$@" 2>&1; }
down() { dc down -t 1 -v >/dev/null; }
dc down -t 1 -v >/dev/null
log=$(dc up -d); status=$?
sleep 1
for s in redis web worker; do
	c=ex-check-$s-1
	got=$(look $c '{{.State.Status}}, exit code {{.State.ExitCode}}, restarted {{.RestartCount}} times')
	if [ "$got" != "running, exit code 0, restarted 0 times" ]; then
		meaning="$s asked before the others were ready: a start is not an answer; condition: service_healthy waits for a healthcheck [depends-ready]"
		case $got in running*|restarting*) meaning="$s was started again and again until it worked: that is luck with a loop around it; say what it has to wait for" ;; esac
		[ -n "$got" ] || meaning="up did not make it: $(echo "$log" | tail -1)"
		down; fail "$s runs after one start" "${got:-(not there)}" "$meaning"
	fi
	ok "$s runs after one start"
	same=$(look $c '{{json .Config.Cmd}}'); [ "$same" = "[\"/$s\"]" ] || { down; fail "$s runs /$s, as before" "$same" "a sleep in front of the program is a guessed time: too short on a slow machine, too long on a fast one"; }
done
for s in redis web; do
	health=$(look ex-check-$s-1 '{{if .State.Health}}{{.State.Health.Status}}{{end}}')
	[ "$health" = healthy ] || { down; fail "$s has a health check that succeeds" "${health:-none}" "without a healthcheck \"ready\" cannot be asked [depends-ready]"; }
	ok "$s is healthy"
done
down
[ "$status" = 0 ] || fail "up ends with 0" "$status"
