. "$(dirname "$0")/../../lib.sh"
keep machine2 "$LAB_STATE/engine2"
minictr run -d --name db -v dbdata:/data busybox sh -c "[ -e /data/log ] || { echo $(word first) >/data/log; ln /data/log /data/log.link; chown 70:70 /data/log; }; while :; do date >>/data/log; sleep 1; done" >/dev/null
echo "machine 2: minictr --root $LAB_STATE/engine2 ..."
