. "$(dirname "$0")/../../lib.sh"
running alpha
same "alpha is still the same container" "$(kept alpha)" "$(look alpha '{{.Id}}')" "a new container has a new life; start and restart give the old one another"
same "lines in /lives of alpha" 2 "$(file_in alpha /lives | grep -c "$(word alpha)")" "start begins with the files as they were left: the writable layer belongs to the container"
there beta
same "beta" exited "$(look beta '{{.State.Status}}')"
same "beta is still the same container" "$(kept beta)" "$(look beta '{{.Id}}')"
[ -z "$(look gamma '{{.Id}}')" ] || fail "no container gamma" "it is $(look gamma '{{.State.Status}}')" "stop ends the process, rm removes the container"
ok "gamma is gone"
there delta
same "delta" paused "$(look delta '{{.State.Status}}')" "pause freezes the processes; it does not end them"
there epsilon
same "epsilon" created "$(look epsilon '{{.State.Status}}')" "create makes a container; start starts it; run is both"
