. "$(dirname "$0")/../../lib.sh"
minictr run -d --name witness $(kept option || true) busybox sleep 100000 >/dev/null
