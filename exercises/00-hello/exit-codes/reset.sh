. "$(dirname "$0")/../../lib.sh"
remove code-own code-126 code-127 code-137 code-143
