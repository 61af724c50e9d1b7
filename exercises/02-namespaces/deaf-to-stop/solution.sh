. "$(dirname "$0")/../../lib.sh"
minictr run -d --init --name hears busybox sleep 100000 >/dev/null; sleep 0.3
