. "$(dirname "$0")/../../lib.sh"
minictr run -d --name hears busybox sh -c 'trap "exit 143" TERM; sleep 100000' >/dev/null
