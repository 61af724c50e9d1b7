. "$(dirname "$0")/../../lib.sh"
running ex-web; running ex-db; running ex-middle
same "ex-web and ex-db are the processes of the start" "$(kept pid)" "$(look ex-web '{{.State.Pid}}') $(look ex-db '{{.State.Pid}}')"
for n in web db; do
	minictr exec ex-middle ping -c 1 -W 2 "ex-$n" >/dev/null 2>&1 ||
		fail "ex-middle reaches ex-$n by its name" "it does not" "a container reaches and names those that share a network with it: it may be in several [two-networks]"
	ok "ex-middle reaches ex-$n by its name"
done
address=$(look ex-db '{{(index .NetworkSettings.Networks "ex-back").IPAddress}}')
if minictr exec ex-web ping -c 1 -W 1 "$address" >/dev/null 2>&1; then
	fail "ex-web does not reach ex-db" "it does" "the wall between the two was the point: only the one in the middle belongs into both [walls]"
fi
ok "ex-web does not reach ex-db"
