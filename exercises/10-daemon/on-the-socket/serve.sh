# serve.sh: for the tests of this exercise: a daemon, one run through it, its end.
dir=$(kept engine10b)
daemon=$(dirname "$(command -v minictr)")/minictrd; [ -x "$daemon" ] || daemon=$(command -v minictrd)
"$daemon" ${DEBUG---debug} --root "$dir" -H "unix://$dir/d.sock" 2>"$dir/d.log" & pid=$!
i=0; until minictr -H "unix://$dir/d.sock" version >/dev/null 2>&1 || [ $i = 100 ]; do i=$((i + 1)); sleep 0.1; done
minictr -H "unix://$dir/d.sock" run --name "$(word name)" busybox sh -c "echo $(word said); exit $(number end 3 40)"
kill $pid; wait $pid 2>/dev/null
