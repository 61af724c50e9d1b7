. "$(dirname "$0")/../../lib.sh"
eater=$(number eater 1 3); n=0
for k in a b c; do
	n=$((n + 1)); running "ex-$(word $k)"
	same "ex-$(word $k) is the same process as at the start" "$(kept "pid-$k")" "$(look "ex-$(word $k)" '{{.State.Pid}}')" "limits can be changed while a container runs"
	nano=$(look "ex-$(word $k)" '{{.HostConfig.NanoCpus}}')
	if [ $n = "$eater" ]; then
		g=$(sed -n 's/^[0-9]*:[a-z,]*\bcpu\b[a-z,]*:\(.*\)/\1/p' "/proc/$(kept "pid-$k")/cgroup" | head -1)
		if [ -n "$g" ]; then q=$(cat /sys/fs/cgroup/cpu"$g"/cpu.cfs_quota_us); p=$(cat /sys/fs/cgroup/cpu"$g"/cpu.cfs_period_us)
		else g=$(sed -n 's/^0:://p' "/proc/$(kept "pid-$k")/cgroup"); read -r q p <"/sys/fs/cgroup$g/cpu.max"; fi
		case $q in -1|max) fail "a quota of processor time for the eater" "none" "a weight shares out a busy processor; only a quota limits [cpu-half]" ;; esac
		[ $((q * 100 / p)) -le 25 ] || fail "at most 0.25 processors for the eater" "$((q * 100 / p)) hundredths"
		ok "the eater has at most a quarter of a processor"
	else
		[ "${nano:-0}" = 0 ] || fail "no limit for ex-$(word $k)" "$nano billionths of a processor" "this one was not the eater"
	fi
done
want=killed; [ "$(look fallen '{{.State.OOMKilled}}')" != true ] || want=memory
[ -n "$(said)" ] || fail "an answer why fallen ended: exercise answer memory, or: exercise answer killed" "none yet" \
	"137 is signal 9 in both cases; only the kernel's counter tells, and inspect shows it"
[ "$(said)" = "$want" ] && ok "why fallen ended" || fail "the reason that the kernel's counter tells" "$(said)" "137 is signal 9 in both cases; only the kernel's counter tells [oom-137]"
