. "$(dirname "$0")/../../lib.sh"
sh "$(dirname "$0")/solution.sh"; minictr rm -f code-143
minictr run -d --name code-143 busybox sleep 1000; minictr stop -t 1 code-143
