. "$(dirname "$0")/../../lib.sh"
minictr exec clerk sh -c "echo $(word beside) > /beside; echo $(word line) > /got"
