. "$(dirname "$0")/../../lib.sh"
minictr run --name code-own busybox sh -c "exit $(number code 3 90)"
minictr run --name code-126 busybox /etc
minictr run --name code-127 busybox no-such-program
minictr run -d --name code-137 busybox sleep 1000; minictr kill code-137
minictr run -d --init --name code-143 busybox sleep 1000; minictr stop -t 5 code-143
