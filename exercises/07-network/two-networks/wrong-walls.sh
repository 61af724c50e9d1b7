. "$(dirname "$0")/../../lib.sh"
minictr network connect ex-back ex-web; minictr run -d --name ex-middle --network ex-front --network ex-back busybox sleep 100000 >/dev/null
