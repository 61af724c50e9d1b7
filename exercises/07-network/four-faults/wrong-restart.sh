. "$(dirname "$0")/../../lib.sh"
for n in a b c d; do minictr restart -t 0 ex-$n >/dev/null; done
sleep 0.5
