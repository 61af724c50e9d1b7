. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
cd "$app" || exit 1
printf 'RUN rm -r /compiler\n' >>Dockerfile
minictr build -q -t "slim:$(word tag)" . >/dev/null
