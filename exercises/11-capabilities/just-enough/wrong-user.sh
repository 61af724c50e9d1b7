. "$(dirname "$0")/../../lib.sh"
minictr run -d --name least -u 1000 --cap-drop ALL --cap-add CHOWN --security-opt no-new-privileges busybox sleep 100000 >/dev/null
