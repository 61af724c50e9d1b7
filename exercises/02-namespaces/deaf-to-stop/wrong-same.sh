. "$(dirname "$0")/../../lib.sh"
minictr run -d --name hears busybox sleep 100000 >/dev/null
