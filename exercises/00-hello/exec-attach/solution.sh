. "$(dirname "$0")/../../lib.sh"
minictr exec clerk sh -c "echo $(word beside) > /beside"
{ echo "$(word line)"; sleep 1; } | timeout -s KILL 3 minictr attach clerk >/dev/null 2>&1 || true
