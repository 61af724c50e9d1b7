#!/bin/sh
# 46-engine-stress.sh - six people at once at the same four containers, for ten seconds: nothing hangs, nothing is left.
. "$(dirname "$0")/lib.sh"
need_root
needs python3 || skip_all "python3 is not installed"
plan 4
starter_images
python3 - "$BIN/minictr" >"$T/report" <<'P'
import random, subprocess, sys, threading, time
M = sys.argv[1]
end, hangs, odd = time.time() + 10, [], []
# what may be said when somebody else was quicker
said = ("No such", "already in use", "not running", "paused", "cannot remove", "same name", "just ended", "started again",
        "restarting", "executable", "does not exist", "has stopped")
def person(seed):
    r = random.Random(seed)
    while time.time() < end:
        n, other = ("st%d" % r.randrange(4) for _ in range(2))
        op = r.choice([
            ["run", "-d", "--name", n, "--restart", r.choice(["no", "always", "on-failure:2"]), "busybox", "sh", "-c",
             r.choice(["sleep 1000", "sleep 0.2; exit 1", "exit 0"])],
            ["stop", "-t", "0", n], ["kill", n], ["start", n], ["restart", "-t", "0", n], ["rm", "-f", n], ["rm", n],
            ["pause", n], ["unpause", n], ["exec", n, "true"], ["logs", n], ["ps", "-a"], ["inspect", n],
            ["rename", n, other], ["run", "--rm", "busybox", "true"]])
        try:
            p = subprocess.run([M] + op, capture_output=True, timeout=30, text=True)
            if p.returncode and p.stderr and not any(w in p.stderr for w in said):
                odd.append(" ".join(op) + ": " + p.stderr.strip())
        except subprocess.TimeoutExpired:
            hangs.append(" ".join(op))
people = [threading.Thread(target=person, args=(i,)) for i in range(6)]
for p in people: p.start()
for p in people: p.join()
print("hangs", hangs)
print("odd", odd)
P
check "nothing hangs" "$(grep ^hangs "$T/report")" = "hangs []"
check "every refusal is one of those expected" "$(grep ^odd "$T/report")" = "odd []"
ids=$(mc ps -aq); [ -z "$ids" ] || mc rm -f $ids >/dev/null
check "all can be removed" "$(mc ps -aq | wc -l) $(ls "$T/root/names" | wc -l)" = "0 0"
none_left() { ! pgrep -f "$T/root" >/dev/null; }
if eventually 5 none_left; then ok "no process is left"; else not_ok "no process is left" "$(ps -o pid,args -p $(pgrep -d, -f "$T/root"))"; fi
