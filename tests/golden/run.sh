#!/bin/sh
# run.sh - the golden walks: each line of `walks` is a command whose steps are kept in NAME.steps. Sourced, with $BIN, $T and a
# root that has the starter images.
#   golden NAME      prints the steps of one walk: "process id chapter", each process's own order
walks="run user-namespace exec"
golden() {
	case $1 in
	run) "$BIN/minictr" explain -v run --rm --memory 64m hello ;;
	user-namespace) "$BIN/minictr" explain -v run --rm --init --userns auto --hostname box busybox true ;;
	exec) "$BIN/minictr" explain -v exec golden true ;;
	esac 2>&1 | sed -n 's/^\[[ 0-9/]*\] \([a-z]*\): .*(\([a-z._]*\), tutorial \([0-9]*\))$/\1 \2 \3/p' |
		grep -E '^(oci|init|exec) ' | sort -s -k1,1 | grep -Ev 'oci (start.program|delete.all|cgroup.remove|seal.self|kill.signal|exec.wait|hooks.)'
}
