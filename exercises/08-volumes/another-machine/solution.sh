. "$(dirname "$0")/../../lib.sh"
minictr volume export --pause dbdata | minictr --root "$(kept machine2)" volume import dbdata >/dev/null
