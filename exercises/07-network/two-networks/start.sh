. "$(dirname "$0")/../../lib.sh"
minictr network create ex-front >/dev/null; minictr network create ex-back >/dev/null
minictr run -d --name ex-web --network ex-front busybox sleep 100000 >/dev/null
minictr run -d --name ex-db --network ex-back busybox sleep 100000 >/dev/null
keep pid "$(look ex-web '{{.State.Pid}}') $(look ex-db '{{.State.Pid}}')"
