. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
mkdir -p "$app"
# The folder is drawn inside the build, so that no look at the Dockerfile tells it.
cat >"$app/Dockerfile" <<END
FROM busybox
RUN d=/var/\`head -c 6 /dev/urandom | od -An -tx1 | tr -d ' \n'\` && mkdir -p \$d && head -c 9 /dev/urandom | od -An -tx1 >\$d/$(word file)
RUN cat /tmp/$(word file) >/result
END
echo "the file is called $(word file)"
minictr build --progress plain "$app" >"$LAB_STATE/log" 2>&1 && exit 1
tail -12 "$LAB_STATE/log"
