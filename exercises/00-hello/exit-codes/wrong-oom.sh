. "$(dirname "$0")/../../lib.sh"
sh "$(dirname "$0")/solution.sh"; minictr rm -f code-137
minictr run --name code-137 --memory 16m busybox tail /dev/zero
