. "$(dirname "$0")/../../lib.sh"
nsenter -t "$(look ex-a '{{.State.Pid}}')" -n ip link set eth0 up
minictr exec ex-b sh -c 'echo 0.0.0.0 >/addr; kill "$(cat /pid)"'
minictr network connect ex-net ex-c
minictr restart -t 0 ex-d >/dev/null
sleep 0.5
