. "$(dirname "$0")/../../lib.sh"
for n in a b c d ask; do running "ex-$n"; done
same "they are the containers of the start" "$(kept ids)" "$(for n in a b c d ask; do look ex-$n '{{.Id}}'; done | tr '\n' ' ')"
for n in a b c d; do
	got=$(minictr exec ex-ask sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | nc -w 2 ex-$n 80 2>/dev/null | tail -1")
	[ "$got" = "page-$n" ] || fail "ex-ask gets page-$n from ex-$n" "$got" "$(minictr debug net ex-ask "ex-$n:80" 2>/dev/null | grep -c FAULT) faults are found by: debug net ex-ask ex-$n:80 [four-faults]"
	ok "ex-ask gets page-$n from ex-$n"
done
