. "$(dirname "$0")/../../lib.sh"
remove "ex-$(word a)" "ex-$(word b)" "ex-$(word c)" fallen
