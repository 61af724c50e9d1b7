. "$(dirname "$0")/../../lib.sh"
machine=$(kept recorded); [ -n "$machine" ] || machine=$(minictr vm exec large uname -r)
keep answer "$(minictr exec small uname -r) $machine 1"
