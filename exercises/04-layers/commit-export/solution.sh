. "$(dirname "$0")/../../lib.sh"
minictr commit worker "kept:$(word tag)" >/dev/null
minictr export worker | minictr import - "flat:$(word tag)" >/dev/null
