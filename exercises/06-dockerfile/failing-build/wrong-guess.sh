. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
cd "$app" || exit 1
keep answer "/tmp/$(word file)"
sed -i 's,^RUN cat .*,RUN echo guessed >/result,' Dockerfile
minictr build -q -t "mended:$(word tag)" . >/dev/null
