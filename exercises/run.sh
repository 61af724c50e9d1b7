#!/bin/sh
# run.sh [VERB|EXERCISE] ... - `lab exercise`: start states, checks, hints. `lab exercise` calls it with LAB_SEED and `minictr` in PATH.
# State lies below $LAB_HOME (.lab/exercise): one folder an exercise, and the name of the present one.
set -u
cd "$(dirname "$0")/.." || exit 3
LAB_HOME=${LAB_HOME:-$PWD/.lab/exercise}; LAB_SEED=${LAB_SEED:-1}; export LAB_SEED
here=exercises
all() { (cd $here && ls -d [0-9]*/*/ | sed 's,/$,,'); }
value() { sed -n "s/^$2 = //p" "$here/$1/exercise.ini"; }
# Whole words on a line of the terminal; a pipe gets lines as they are.
width=0; [ ! -t 1 ] || width=$(stty size </dev/tty 2>/dev/null | cut -d' ' -f2); [ "${width:-0}" -ge 40 ] || width=0
lines() { if [ "$width" = 0 ]; then cat; else fold -s -w "$width"; fi; }
# Lines of one paragraph, joined: they are broken anew for this terminal. Lists, commands and what is set in stay.
paragraphs() {
	[ "$width" != 0 ] || { cat; return; }
	awk '/^```/ { code = !code }
		code || /^```/ || /^[ |-]/ || /^[0-9]+\. / || !NF { if (text) print text; text = ""; print; next }
		{ text = text (text ? " " : "") $0 }
		END { if (text) print text }'
}
say() { echo "$*" | lines; }
trouble() { echo "exercise: $*" | lines >&2; exit 2; }

# The present one, or the one named; "exit-codes" is enough when there is one such.
choose() {
	if [ $# = 0 ] || [ -z "$1" ]; then EXERCISE=$(cat "$LAB_HOME/current" 2>/dev/null) || trouble "none is started; \`exercise\` lists them"
	else
		EXERCISE=$(all | grep -x -e "$1" -e "[0-9a-z-]*/$1" | head -1)
		[ -n "$EXERCISE" ] || trouble "there is no exercise \"$1\"; $(all | sed -n "s,^$1/,,p" | paste -sd, | sed "s/,/, /g; s,..*,in $1 are: &; ,")\`exercise\` lists them"
	fi
	LAB_STATE=$LAB_HOME/$EXERCISE; export EXERCISE LAB_STATE
	mkdir -p "$LAB_STATE" || exit 3
}

# The text, with $(word x) and $(number x 1 2) filled in.
show() {
	. $here/lib.sh
	text=$(cat "$here/$EXERCISE/README.md")
	echo "$text" | grep -o '\$([a-z]* [^)]*)' | sort -u >"$LAB_STATE/places"
	while read -r place; do
		inner=${place#'$('}; inner=${inner%')'}
		text=$(printf '%s\n' "$text" | sed "s|\\\$($inner)|$($inner)|g")
	done <"$LAB_STATE/places"
	printf '%s\n' "$text" | paragraphs | lines
}

# One at a time: what another exercise has made would stand in the way, and cost memory.
end_other() {
	other=$(cat "$LAB_HOME/current" 2>/dev/null) || return 0
	[ "$other" != "$EXERCISE" ] && [ -e "$LAB_HOME/$other/started" ] || return 0
	(EXERCISE=$other LAB_STATE=$LAB_HOME/$other; export EXERCISE LAB_STATE; sh "$here/$other/reset.sh" >/dev/null 2>&1)
	rm -f "$LAB_HOME/$other/started" "$LAB_HOME/$other/answer"
	say "($other is ended: its containers are gone)"
}

start() {
	choose "$1"
	[ "$(value "$EXERCISE" root)" != yes ] || [ "$(id -u)" = 0 ] || trouble "$EXERCISE needs root (sudo minictr exercise $EXERCISE): it makes networks, and those are links of the host"
	end_other
	if [ ! -e "$LAB_STATE/started" ]; then
		minictr image inspect busybox >/dev/null 2>&1 || minictr internal starter >/dev/null 2>&1 # made here, no network
		sh "$here/$EXERCISE/reset.sh" >/dev/null 2>&1 # what a broken start has left
		sh "$here/$EXERCISE/start.sh" || { echo "exercise: the start state could not be made" >&2; exit 3; }
		date +%s >"$LAB_STATE/started"
	fi
	echo "$EXERCISE" >"$LAB_HOME/current"
	echo "${EXERCISE#*/}" >"$LAB_HOME/present" # the prompt shows it; check, hint and why belong to it
	say "$EXERCISE: $(value "$EXERCISE" title) ($(value "$EXERCISE" minutes) min)"; say
	show
	say; say "then: exercise check   (also: exercise hint, exercise answer TEXT, exercise reset; on the shell: minictr exercise check)"
}

check() {
	choose "$1"
	[ -e "$LAB_STATE/started" ] || trouble "$EXERCISE is not started: exercise $EXERCISE"
	say "$EXERCISE: $(value "$EXERCISE" title)"
	sh "$here/$EXERCISE/check.sh" >"$LAB_STATE/said"; rc=$?
	lines <"$LAB_STATE/said"
	case $rc in
	0) date +%s >"$LAB_STATE/passed"; rm -f "$LAB_HOME/present"; say "done. \`exercise reset\` takes it away; \`exercise\` lists what is next" ;;
	1) say "        next      exercise hint, or try again and: exercise check" ;;
	*) say "the check itself had trouble (status $rc): please report it"; rc=3 ;;
	esac
	return $rc
}

hint() {
	choose "$1"
	n=$(($(cat "$LAB_STATE/hints" 2>/dev/null || echo 0) + 1)); [ $n -le 3 ] || n=3
	echo $n >"$LAB_STATE/hints"
	say "hint $n of 3: $(cat "$here/$EXERCISE/hints/$n")"
}

why() {
	choose "$1"
	say "$EXERCISE: $(value "$EXERCISE" title)"
	say "The chapter behind it: tutorial ${EXERCISE%%-*}"
	# A letter or two, a hyphen: that is a pattern of the shell ([0-9], [a-z]), and no belief.
	beliefs=$(grep -ho '\[[a-z][a-z][a-z0-9]*-[a-z0-9-]*\]' "$here/$EXERCISE/check.sh" | tr -d '[]' | sort -u | paste -sd, | sed 's/,/, /g')
	[ -z "$beliefs" ] || say "Look there for the common belief: $beliefs"
}

list() {
	all | while read -r e; do
		mark="    "; [ ! -e "$LAB_HOME/$e/started" ] || mark="open"; [ ! -e "$LAB_HOME/$e/passed" ] || mark="done"
		row=$(printf '%s  %-32s %2s min  %s' "$mark" "$e" "$(value "$e" minutes)" "$(value "$e" title)")
		if [ "$width" != 0 ] && [ ${#row} -gt "$width" ]; then # the title below the name
			printf '%s  %-32s %2s min\n          %s\n' "$mark" "$e" "$(value "$e" minutes)" "$(value "$e" title)"
		else
			printf '%s\n' "$row"
		fi
	done
	say "exercise NAME makes the start state and says the goal"
}

case ${1:-} in
'') list ;;
check) check "${2:-}" ;;
hint) hint "${2:-}" ;;
why) why "${2:-}" ;;
answer) shift; choose ""; [ $# -gt 0 ] || trouble "exercise answer TEXT"; echo "$*" >"$LAB_STATE/answer"; say "noted: $*" ;;
reset) choose "${2:-}"; sh "$here/$EXERCISE/reset.sh"; rm -f "$LAB_STATE/started" "$LAB_STATE/answer" "$LAB_HOME/present"; say "$EXERCISE: everything of it is gone" ;;
help | -h | --help)
	say "Usage:  minictr exercise [NAME | check | hint | why | answer TEXT | reset]"; say
	say "Hands-on tasks without C: exercise NAME, check, hint"; say
	say "Example:"; say "  minictr exercise exit-codes" ;;
-*) trouble "usage: exercise [NAME | check | hint | why | answer TEXT | reset]" ;;
*) start "$1" ;;
esac
