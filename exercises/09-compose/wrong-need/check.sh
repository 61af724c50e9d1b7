. "$(dirname "$0")/../../lib.sh"
file=$(kept dir)/compose.yaml
[ -f "$file" ] || fail "a file $file" "there is none"
set -- $(kept names)
dc() { minictr compose -f "$file" -p ex-check "$@" 2>&1; }
down() { dc down -t 1 -v >/dev/null; }
needs() { minictr compose -f "$1" config 2>/dev/null | grep -c 'condition:'; }
# "service: condition" lines, in the order of the canonical model
conditions() { minictr compose -f "$1" config 2>/dev/null | sed -n 's/^ *condition: //p'; }
same "every need of before is there" "$(needs "$LAB_STATE/original")" "$(needs "$file")" "a need that is taken away is not waited for: it works today, and not on a slow day"
conditions "$LAB_STATE/original" >"$LAB_STATE/c1"; conditions "$file" >"$LAB_STATE/c2"
changed=$(diff "$LAB_STATE/c1" "$LAB_STATE/c2" | grep -c '^>')
down
log=$(dc up -d); status=$?
said=$(echo "$log" | grep -v Container | tail -1)
case $said in
*"didn't complete"*) why="a service was started before what it needs was done: started is less than it asks for" ;;
*) why="this one can never become true: a program that ends is never healthy; it has completed" ;;
esac
[ "$status" = 0 ] || { down; fail "up ends with 0" "$status: $said" "$why"; }
ok "up ends with 0"
sleep 0.3
for s in db cache web; do
	got=$(look ex-check-$s-1 '{{.State.Status}}')
	[ "$got" = running ] || { down; fail "$s runs" "${got:-(not there)}" "it was started before what it needs was done"; }
	ok "$s runs"
done
for s in "$1" "$2"; do
	got=$(look ex-check-$s-1 '{{.State.Status}} {{.State.ExitCode}}')
	[ "$got" = "exited 0" ] || { down; fail "$s has completed" "$got" "it was started before what it needs was done"; }
	ok "$s has completed"
done
down
same "one condition is changed" 1 "$changed" "the others were right: started is less than they ask for"
