. "$(dirname "$0")/../../lib.sh"
minictr run -d -i --name clerk busybox sh -c 'read -r line; echo "$line" > /got; exec sleep 77777' >/dev/null
keep pid "$(look clerk '{{.State.Pid}}')"
