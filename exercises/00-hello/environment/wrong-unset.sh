. "$(dirname "$0")/../../lib.sh"
unset COLOUR; minictr run -d --name painter -e COLOUR -e SHAPE="$(word shape)" busybox sleep 1000
