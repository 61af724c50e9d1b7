. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
cd "$app" || exit 1
sed -i 's,^COPY . /app$,COPY packages.txt /app/,' Dockerfile
minictr build -q -t "quick:$(word tag)" . >/dev/null
