. "$(dirname "$0")/../../lib.sh"
minictr commit first second-image >/dev/null
minictr run -d --name second second-image sleep 100000 >/dev/null
minictr exec second sh -c "echo $(word old) > /note"
