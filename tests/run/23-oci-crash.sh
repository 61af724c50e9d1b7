#!/bin/sh
# A runtime that is killed at any moment leaves nothing that `delete --force` does not take away, and nothing that runs.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
needs python3 || skip_all "needs python3"
plan 6

bundle "$T/b" ".process.args=[\"sleep\",\"777$$\"]"
# Kills create after 0, 0.15, 0.3 ... ms; prints how many were cut short and what was left after delete --force.
cat >"$T/cut.py" <<'PY'
import os, signal, subprocess, sys, time
oci, t, verb = sys.argv[1:4]
base = [oci, "--root", t + "/oci"]
cut = 0
for i in range(90):
    name = "k%d" % i
    if verb == "create":
        p = subprocess.Popen(base + ["create", "-b", t + "/b", name], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    else:
        subprocess.run(base + ["create", "-b", t + "/b", name], check=True)
        if verb == "delete": subprocess.run(base + ["start", name], check=True)
        p = subprocess.Popen(base + ([verb, name] if verb == "start" else [verb, "--force", name]), stderr=subprocess.DEVNULL)
    time.sleep(i * 0.00015)
    p.kill()
    cut += p.wait() != 0
    r = subprocess.run(base + ["delete", "--force", name], capture_output=True)
    if r.returncode: print("delete failed:", name, r.stderr.decode())
print("cut", cut)
PY
left() {
	{
		ls "$T/oci" | grep '^k'
		find /sys/fs/cgroup -type d -path '*/minictr-oci/k*'
		for p in /proc/[0-9]*/cmdline; do
			tr '\0' ' ' <"$p" | grep -qE "^sleep 777$$ |minictr-oci --root $T/oci" && echo "$p"
		done
	} 2>/dev/null
}
for verb in create start delete; do
	out=$(timeout 100 python3 "$T/cut.py" "$BIN/minictr-oci" "$T" $verb 2>&1)
	check "$verb killed at 90 moments: some were in the middle, every delete works" "$out" "~" '^cut [1-9]'
	sleep 0.3
	check "and nothing is left" "$(left)" = ""
done
