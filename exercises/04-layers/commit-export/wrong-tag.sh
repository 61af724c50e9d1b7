. "$(dirname "$0")/../../lib.sh"
minictr commit worker "kept:$(word tag)" >/dev/null
minictr tag "kept:$(word tag)" "flat:$(word tag)"
