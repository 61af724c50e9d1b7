. "$(dirname "$0")/../../lib.sh"
n=$(number a 2000 9000)
minictr run -d --name small busybox sleep "$n" >/dev/null || exit 1
if minictr vm info >/dev/null 2>&1; then
	minictr vm run -d --name large busybox sleep "$n" >/dev/null && exit 0
fi
keep recorded 6.1.0-57-cloud-amd64
echo "No machine here: $(minictr vm info 2>&1 | grep -m1 'install' | sed 's/^[a-z]*: *//')" | fold -s -w 76
echo "Recorded on another computer:"
echo "  \$ minictr vm exec large uname -r           6.1.0-57-cloud-amd64"
echo "  \$ minictr vm exec large ps                 72 root  sleep $n"
echo "  \$ pgrep -af $n (on the host)            the container's program only;"
echo "                                             qemu knows nothing of it"
