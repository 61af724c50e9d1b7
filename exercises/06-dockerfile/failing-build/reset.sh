. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
remove_image "mended:$(word tag)"
mkdir -p "$LAB_STATE/ok" && printf 'FROM busybox\n' >"$LAB_STATE/ok/Dockerfile"
# A build that succeeds takes the kept state of the failed one away.
minictr build -q -t "over:$(word tag)" "$LAB_STATE/ok" >/dev/null 2>&1
remove_image "over:$(word tag)"
rm -rf "$app" "$LAB_STATE/ok" "$LAB_STATE/log" "$LAB_STATE/answer"
