. "$(dirname "$0")/../../lib.sh"
# An unprivileged user's limits may be ignored: then one that eats memory would eat all there is.
case $(minictr run --rm --memory 16m busybox true 2>&1) in
*"limits are ignored"*) echo "exercise: this user's containers have no limits here: start it as root (sudo)" >&2; exit 1 ;;
esac
eater=$(number eater 1 3); n=0
for k in a b c; do
	n=$((n + 1)); do="sleep 100000"; [ $n != "$eater" ] || do="while :; do :; done"
	minictr run -d --name "ex-$(word $k)" busybox sh -c "$do" >/dev/null
	keep "pid-$k" "$(look "ex-$(word $k)" '{{.State.Pid}}')"
done
if [ "$(number why 0 1)" = 1 ]; then minictr run --name fallen --memory 16m busybox tail /dev/zero >/dev/null 2>&1
else minictr run -d --name fallen --memory 16m busybox sleep 100000 >/dev/null; minictr kill fallen >/dev/null; fi
:
