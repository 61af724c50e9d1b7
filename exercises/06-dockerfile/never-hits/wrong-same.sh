. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
cd "$app" || exit 1
minictr build -q -t "quick:$(word tag)" . >/dev/null
