. "$(dirname "$0")/../../lib.sh"
TOKEN=$(word token) COLOUR=$(word colour) minictr run -d --name painter -e COLOUR -e SHAPE="$(word shape)" busybox sleep 1000
