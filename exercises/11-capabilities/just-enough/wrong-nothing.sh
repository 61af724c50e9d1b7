. "$(dirname "$0")/../../lib.sh"
minictr run -d --name least --cap-drop ALL --security-opt no-new-privileges busybox sleep 100000 >/dev/null
