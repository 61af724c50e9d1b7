. "$(dirname "$0")/../../lib.sh"
minictr commit db db:saved >/dev/null
minictr save db:saved | minictr --root "$(kept machine2)" load >/dev/null
minictr rmi db:saved >/dev/null
