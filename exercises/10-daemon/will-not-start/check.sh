. "$(dirname "$0")/../../lib.sh"
dir=$(kept engine10)
[ -s "$dir/config.json" ] || fail "the engine's settings are there" "config.json is gone or empty" "the owner's wish went with it: repair the one value that is wrong"
daemon=$(dirname "$(command -v minictr)")/minictrd; [ -x "$daemon" ] || daemon=$(command -v minictrd)
"$daemon" --root "$dir" -H "unix://$dir/check.sock" >"$dir/check.log" 2>&1 & pid=$!
answer=
for i in 1 2 3 4 5 6 7 8 9 10; do
	answer=$(minictr -H "unix://$dir/check.sock" version --format '{{.Server.ApiVersion}}' 2>/dev/null) && break
	kill -0 $pid 2>/dev/null || break
	sleep 0.5
done
kill $pid 2>/dev/null; wait $pid 2>/dev/null
rm -f "$dir/check.sock"
[ -n "$answer" ] || fail "a daemon that answers" "$(tail -2 "$dir/check.log")" "its last words say which setting, and what it should look like"
grep -Eq '"max-size"[^"]*"5(m|mb|MB|M|mib)"|"max-size"[^"]*"(5242880|5000000)"' "$dir/config.json" ||
	fail "max-size is 5 MB" "$(grep max-size "$dir/config.json" || echo no max-size)" "the owner wants a limit of 5 MB for each container's output"
