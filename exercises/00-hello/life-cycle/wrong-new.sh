. "$(dirname "$0")/../../lib.sh"
minictr rm -f alpha; minictr run -d --name alpha busybox sh -c "echo $(word alpha) >> /lives; echo $(word alpha) >> /lives; sleep 1000"
