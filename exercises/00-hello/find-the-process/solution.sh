. "$(dirname "$0")/../../lib.sh"
keep answer "$(minictr inspect --format '{{.State.Pid}}' "ex-$(word name)")"
