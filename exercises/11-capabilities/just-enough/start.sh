. "$(dirname "$0")/../../lib.sh"
minictr run -d --name greedy busybox sleep 100000 >/dev/null
