. "$(dirname "$0")/../../lib.sh"
TOKEN=$(word token) minictr run -d --name painter -e TOKEN -e COLOUR="$(word colour)" -e SHAPE="$(word shape)" busybox sleep 1000
