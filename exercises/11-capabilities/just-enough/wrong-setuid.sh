. "$(dirname "$0")/../../lib.sh"
minictr run -d --name least --cap-drop ALL --cap-add CHOWN busybox sleep 100000 >/dev/null
