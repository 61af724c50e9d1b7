. "$(dirname "$0")/../lib.sh"
remove pinned
if [ -n "$(port)" ]; then
	for i in $(minictr images --digests 2>/dev/null | grep -F "$(at)/app" | awk '{print $1 "@" $3}') "$(at)/app:1" "$(at)/app:2"; do remove_image "$i"; done
fi
unserve
