. "$(dirname "$0")/../../lib.sh"
minictr network create ex-net >/dev/null; minictr network create ex-other >/dev/null
serve='mkdir -p /w; echo $0 >/w/index.html; [ -e /addr ] || echo 0.0.0.0 >/addr; while :; do httpd -f -p "$(cat /addr):80" -h /w & echo $! >/pid; wait $!; done'
for n in a b d; do minictr run -d --name ex-$n --network ex-net busybox sh -c "$serve" "page-$n" >/dev/null; done
minictr run -d --name ex-c --network ex-other busybox sh -c "$serve" page-c >/dev/null
minictr run -d --name ex-ask --network ex-net busybox sleep 100000 >/dev/null
sleep 0.3
nsenter -t "$(look ex-a '{{.State.Pid}}')" -n ip link set eth0 down
minictr exec ex-b sh -c 'echo 127.0.0.1 >/addr; kill "$(cat /pid)"'
nsenter -t "$(look ex-d '{{.State.Pid}}')" -n ip addr del "$(look ex-d '{{(index .NetworkSettings.Networks "ex-net").IPAddress}}')/$(look ex-d '{{(index .NetworkSettings.Networks "ex-net").IPPrefixLen}}')" dev eth0
keep ids "$(for n in a b c d ask; do look ex-$n '{{.Id}}'; done | tr '\n' ' ')"
