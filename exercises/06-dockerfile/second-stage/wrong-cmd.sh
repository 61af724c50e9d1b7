. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
cd "$app" || exit 1
{ sed 's/^FROM busybox$/FROM busybox AS builder/' Dockerfile
	printf 'FROM busybox\nCOPY --from=builder /bin/%s /bin/\nENTRYPOINT ["%s"]\n' "$(word tool)" "$(word tool)"; } >new && mv new Dockerfile
minictr build -q -t "slim:$(word tag)" . >/dev/null
