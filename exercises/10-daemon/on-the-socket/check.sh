. "$(dirname "$0")/../../lib.sh"
dir=$(kept engine10b)
[ -s "$dir/d.log" ] || fail "the daemon's log in $dir/d.log" "there is none" "the daemon writes its log to standard error: 2>FILE keeps it [log-is-stderr]"
grep -Eq 'request [0-9a-f]+ POST /v?[0-9.]*/?containers/create' "$dir/d.log" || fail "a create in the log" "$(grep -c request "$dir/d.log") lines with requests, no create" "without --debug only failures are written, and without -H the client works alone: no request travels [client-alone]"
look=$(MINICTR_ROOT=$dir minictr inspect --format '{{.State.ExitCode}}' "$(word name)" 2>/dev/null)
same "$(word name) ended with" "$(number end 3 40)" "$look" "the container made through the socket is the engine's own: its record says how it ended"
answered "what waits for the end, and what brings the output" "wait attach" "wait is sent before start, or the end of a short container would be missed; its answer comes at the end. The output comes on the connection that attach has taken over [wait-after-start]"
