#!/bin/sh
# minictr-oci: create, start, state, kill, delete; the state machine, exit codes, nothing left behind.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
plan 51

bundle "$T/b" '.process.args=["sh","-c","trap \"exit 7\" TERM; while :; do sleep 0.1; done"]'
exits 0 "create" oci create -b "$T/b" --pid-file "$T/pid" c1
check "state after create" "$(status c1)" = created
check "pid file" "$(cat "$T/pid")" = "$(pid c1)"
check "the program has not run: its process is still ours" "$(tr '\0' ' ' <"/proc/$(pid c1)/cmdline")" "~" 'minictr-oci'
exits 1 "a second create of the same id is refused" oci create -b "$T/b" c1
check "and says so" "$(cat "$T/err")" "~" 'exists: c1'
exits 255 "exec before start of a missing container" oci exec nope true
exits 0 "start" oci start c1
check "state after start" "$(status c1)" = running
eventually 5 sh -c "tr '\\0' ' ' </proc/$(pid c1)/cmdline | grep -q ^sh" && ok "the program runs" || not_ok "the program runs"
exits 1 "start twice is refused" oci start c1
check "and says in which state it is" "$(cat "$T/err")" "~" 'running'
exits 1 "delete of a running one is refused" oci delete c1
check "and says so" "$(cat "$T/err")" "~" 'not stopped: running'
exits 0 "pause" oci pause c1
check "state paused" "$(status c1)" = paused
exits 255 "exec in a paused one is refused" oci exec c1 true
exits 0 "resume" oci resume c1
check "state running again" "$(status c1)" = running
check "list -q" "$(oci list -q)" = c1
check "list -f json" "$(oci list -f json | jq -r '.[0].status')" = running
check "ps -f json has the first process" "$(oci ps -f json c1 | jq ".[0] == $(pid c1)")" = true
P=$(pid c1)
exits 0 "kill TERM" oci kill c1 TERM
eventually 5 sh -c "! kill -0 $P" && ok "it ends" || not_ok "it ends"
check "state stopped" "$(status c1)" = stopped
check "a stopped one has pid 0" "$(pid c1)" = 0
exits 1 "kill of a stopped one is refused" oci kill c1 TERM
check "in the words that shims look for" "$(cat "$T/err")" "~" 'container not running'
exits 0 "delete" oci delete c1
exits 1 "state of a deleted one" oci state c1
check "in the words that callers look for" "$(cat "$T/err")" "~" 'does not exist'
exits 0 "delete --force of a missing one is fine" oci delete --force c1
check "no cgroup is left" "$(cgroup_dirs c1)" = ""

bundle "$T/b" '.process.args=["sh","-c","exit 42"]'
exits 42 "run gives the program's exit code" oci run -b "$T/b" c2
bundle "$T/b" '.process.args=["sh","-c","kill -9 $$; kill -TERM 1; sleep 5"] | .annotations={"io.minictr.init":"true"}'
exits 137 "and 128+n for a signal" oci run -b "$T/b" c2
bundle "$T/b" '.process.args=["no-such-program"]'
exits 127 "a missing program" oci run -b "$T/b" c2
check "in the words that callers look for" "$(cat "$T/err")" "~" 'executable file not found in .PATH'
bundle "$T/b" '.process.args=["/etc/passwd"]'
exits 126 "a program that is none" oci create -b "$T/b" c2
check "in the words that callers look for" "$(cat "$T/err")" "~" 'permission denied'
check "a create that fails leaves nothing" "$(ls "$T/oci"; cgroup_dirs c2)" = ""
# found, and yet not runnable: known only when start tries. Callers delete it at once, so it must have ended by then
printf 'garbage' >"$T/rootfs/bin/badfmt"; printf '#!/nonexistent\n' >"$T/rootfs/bin/badline"; chmod 755 "$T/rootfs/bin/badfmt" "$T/rootfs/bin/badline"
bundle "$T/b" '.process.args=["/bin/badfmt"]'
oci create -b "$T/b" c2 </dev/null >/dev/null 2>&1
exits 126 "start of a file that is no program" oci start c2
check "in the words that callers look for" "$(cat "$T/err")" "~" 'exec: "/bin/badfmt": exec format error'
check "it has ended when start says so" "$(status c2)" = stopped
oci delete c2
bundle "$T/b" '.process.args=["/bin/badline"]'
exits 127 "a script whose interpreter is missing" oci run -b "$T/b" c2
check "in the words that callers look for" "$(cat "$T/err")" "~" 'exec: "/bin/badline": no such file or directory'
bundle "$T/b" '.process.args=["cat","/proc/self/cgroup"] | del(.linux.resources)'
check "--cgroup-manager disabled: it stays in the caller's cgroup" "$(oci --cgroup-manager disabled run -b "$T/b" c2 2>&1; cgroup_dirs c2)" "!~" 'c2|minictr-oci'
bundle "$T/b" '.linux.resources.pids.limit=5'
exits 1 "... which cannot have limits" oci --cgroup-manager disabled run -b "$T/b" c2
exits 1 "checkpoint is refused" oci checkpoint c1
check "in one sentence" "$(cat "$T/err")" "~" '^minictr-oci: checkpoint is not supported: .*CRIU'
bundle "$T/b" '.linux.resources.memory.limit="64m"'
oci --log "$T/log" --log-format json create -b "$T/b" c3 2>/dev/null
check "--log: last line is the error as JSON" "$(tail -1 "$T/log" | jq -r '.level + " " + .msg')" "~" '^error config.json: linux.resources.memory.limit'
exits 1 "a hostile id is refused" oci create -b "$T/b" ../x
