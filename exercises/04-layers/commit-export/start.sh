. "$(dirname "$0")/../../lib.sh"
minictr run --name worker busybox sh -c "mkdir /work; echo $(word result) > /work/result; rm /etc/group" >/dev/null
keep busybox "$(minictr image inspect --format '{{.Id}}' busybox)"
