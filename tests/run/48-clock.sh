# A clock that jumps: waiting is measured by the clock that cannot (CLOCK_MONOTONIC); `ps` stays true. Setting the time is the
# whole machine's business, so this runs in the virtual machine only (make test-vm).
. "$(dirname "$0")/lib.sh"
[ -n "${IN_VM:-}" ] || skip_all "sets the machine's clock: only in the virtual machine (make test-vm)"
plan 9
starter_images
now=$(date +%s)
mc run -d --name loop busybox sh -c 'trap "" TERM; while :; do sleep 1; done' >/dev/null
mc run -d --name sick --health-cmd 'test -f /tmp/ok' --health-interval 1s --health-retries 1 busybox sleep 1000 >/dev/null
date -s "@$((now + 86400))" >/dev/null
check "a day ahead: it still runs" "$(mc inspect -f '{{.State.Status}}' loop)" = running
check "ps says so" "$(mc ps --format '{{.Names}} {{.Status}}' | grep '^loop ')" "~" '^loop Up '
date -s "@$((now - 86400))" >/dev/null
check "a day back: it still runs" "$(mc inspect -f '{{.State.Status}}' loop)" = running
check "ps does not count below zero" "$(mc ps --format '{{.Status}}' | grep -c -- '-[0-9]')" -eq 0
mc exec sick touch /tmp/ok
eventually 20 sh -c "'$BIN/minictr' inspect -f '{{.State.Health.Status}}' sick | grep -qx healthy" && ok "health checks go on" || not_ok "health checks go on" "$(mc inspect -f '{{json .State.Health}}' sick)"
before=$(cut -d. -f1 /proc/uptime)
exits 0 "stop -t 3" mc stop -t 3 loop
took=$(($(cut -d. -f1 /proc/uptime) - before))
check "waits its three seconds, not a day" "$took" -lt 30
check "... and not less" "$took" -ge 2
date -s "@$((now + 60))" >/dev/null
exits 0 "rm" mc rm -f loop sick
