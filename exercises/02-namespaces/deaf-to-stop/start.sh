. "$(dirname "$0")/../../lib.sh"
minictr run -d --name deaf busybox sleep 100000 >/dev/null
