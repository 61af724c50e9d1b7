. "$(dirname "$0")/../../lib.sh"
running least
pid=$(look least '{{.State.Pid}}')
line() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }
bounding=$(line CapBnd) effective=$(line CapEff)
case $bounding in
0000000000000001) ok "one capability in the bounding set" ;;
0000000000000000) fail "CapBnd: 0000000000000001 (bit 0 is chown)" "$bounding" "all were taken and none given back: chown would be refused" ;;
*) fail "CapBnd: 0000000000000001 (bit 0 is chown)" "$bounding" "--cap-add adds to the 14 that every container gets: take them all away first" ;;
esac
[ "$effective" = 0000000000000001 ] || fail "CapEff: 0000000000000001" "$effective" \
	"a user other than root has no effective capabilities after the exec, whatever the bounding set says: it is only the upper bound"
ok "and it is effective"
same "NoNewPrivs" 1 "$(line NoNewPrivs)" "without it a set-uid program may gain what the bounding set still allows"
