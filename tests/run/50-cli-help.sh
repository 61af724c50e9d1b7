#!/bin/sh
# Every command has help with an example; errors of usage are docker's words, say what is near, and exit as docker does.
. "$(dirname "$0")/lib.sh"

commands=$(mc internal complete "" | grep -vx -e healthcheck -e builder -e container -e image -e system -e ns -e lab -e volume -e network -e vm -e context)
check "there are commands" "$(echo "$commands" | wc -l)" -gt 30
missing=""; no_example=""; different=""
mc --help >"$T/help"
for c in $commands; do
	if ! mc "$c" --help </dev/null >"$T/one" 2>&1; then missing="$missing $c"; continue; fi
	grep -q '^Usage:' "$T/one" || missing="$missing $c"
	grep -q '^Example:' "$T/one" || no_example="$no_example $c"
	# A heavy command's row in the light executable says the same as the command itself.
	line=$(grep "^  $c  *" "$T/help" | sed "s/^  $c  *//"); grep -qxF -- "$line" "$T/one" || different="$different $c"
done
heavy=" progress tutorial registry doctor "  # served by programs that have their own words
strip() { for c in $1; do case $heavy in *" $c "*) ;; *) printf '%s ' "$c" ;; esac; done; }
check "every command answers --help" "$(strip "$missing")" = ""
check "every help has an example" "$(strip "$no_example")" = ""
check "list and help of a command say the same" "$(strip "$different")" = ""
check "examples name the program" "$(for c in $commands; do mc "$c" --help </dev/null 2>/dev/null | sed -n '/^Example:/,$p' | sed -n 2p; done | grep -v 'minictr ' | head -3)" = ""

exits 0 "--version" mc --version
check "version is one line" "$(cat "$T/out")" "~" '^minictr version [0-9]'
exits 125 "an unknown flag of run" mc run --detatch busybox
check "names the nearest flag" "$(cat "$T/err")" "~" 'did you mean --detach'
check "says where help is" "$(cat "$T/err")" "~" "See 'minictr run --help'"
exits 125 "an unknown short flag in a bundle" mc run -itz busybox
check "names it" "$(cat "$T/err")" "~" "unknown shorthand flag: 'z' in -itz"
exits 125 "a flag without its value" mc run --memory
exits 125 "a size that is none" mc run --memory lots busybox
check "says what a size is" "$(cat "$T/err")" "~" '64m'
exits 125 "--rm and --restart together" mc run --rm --restart always busybox
exits 1 "too few operands" mc rm
check "docker's words" "$(cat "$T/err")" "~" 'requires at least 1 argument'
exits 1 "too many operands" mc ps web
exits 1 "an unknown command" mc strat web
check "names the nearest command" "$(cat "$T/err")" "~" "Did you mean 'start'"
for g in builder container context image system volume network vm; do
	exits 0 "$g without a command is its help" mc $g; check "$g: lists its verbs" "$(cat "$T/out")" "~" "^Usage:  minictr $g COMMAND"
done
exits 0 "a group's --help" mc container --help; check "has its verbs" "$(cat "$T/out")" "~" '^  ls '
exits 1 "a verb that the group has not" mc container rmm; check "the nearest one" "$(cat "$T/err")" "~" "'container rmm' is not a minictr command"
for c in swarm pod; do exits 1 "$c says why it is not there" mc $c x; check "in words" "$(cat "$T/err")" "~" "'$c' is not there: "; done
exits 1 "a wrong --log-level" mc --log-level nosuch ps; check "which there are" "$(cat "$T/err")" "~" 'debug, info, warn, error or fatal'
exits 0 "--log-level error" mc --log-level error ps
mkdir "$T/empty"; echo 'FROM scratch' >"$T/empty/Dockerfile"
levelled() { mc --log-level "$1" build -q --squash "$T/empty" 2>&1 | grep -c 'WARNING: --squash'; }
check "... drops warnings, also those of an executable that serves one command" "$(levelled warn) $(levelled error)" = "1 0"
exits 125 "a global flag without its value" mc --log-level
exits 1 "-H names a daemon that is not there" mc -H unix:///x ps
exits 0 "-D and --root=DIR in front" mc -D "--root=$T/other2" version
exits 125 "an unknown global flag" mc --rot /x ps
exits 0 "--flag=value and two-word names" mc container ls --all=true --format '{{.ID}}'
exits 0 "a root of one's own by flag" "$BIN/minictr" --root "$T/other" ps
check "the flag's root is laid out" "$(ls "$T/other" | grep -c containers)" -eq 1
exits 1 "a template's unknown field" mc version --format '{{.Cleint}}'
check "names the nearest field" "$(cat "$T/err")" "~" 'did you mean .Client'
exits 1 "a lab's verb on the shell" mc check
check "says where it belongs" "$(cat "$T/err")" "~" "Did you mean 'lab check'"
exits 1 "a mistyped one" mc hnt
check "names the lab's verb" "$(cat "$T/err")" "~" "Did you mean 'lab hint'"
exits 0 "help for a lab's verb" mc help hint
check "is that verb's own" "$(cat "$T/out")" "~" "Usage:  minictr lab hint"
exits 0 "help lab" mc help lab; check "lists the labs' verbs" "$(cat "$T/out")" "~" "lab check "
exits 0 "lab check --help" mc lab check --help; check "says how" "$(cat "$T/out")" "~" "Usage:  minictr lab check .LAB"
exits 2 "a chapter that is none" mc lab tutorial foo; check "says so" "$(cat "$T/err")" "~" "no chapter foo"
exits 1 "exercise in the plural" mc exercises
check "names exercise" "$(cat "$T/err")" "~" "Did you mean 'exercise'"
exits 0 "exercise is a command" mc exercise
check "and lists them" "$(cat "$T/out")" "~" '00-hello/exit-codes'
exits 0 "doctor is a command" mc doctor
check "Tab knows the verbs that minictr-lab has" "$(mc internal complete lab "" | sort)" = "$(mc lab help | awk '$1 == "lab" && $2 != "alone" { print $2 }' | grep -vx -e prompt -e dev -e box | sort)"
check "completion of labs" "$(mc internal complete lab start 1 | tr '\n' ' ')" = "1 10 11 12 13 "
check "completion of tasks" "$(mc internal complete lab hint 00.2)" = "00.2"
check "completion of exercises" "$(mc internal complete exercise exi)" = "exit-codes"
check "only exercises" "$(mc internal complete lab exercise "" | grep -c 'lib')" -eq 0
check "the prompt's bare words" "$(MINICTR_REPL=1 mc internal complete che)" = "check"
check "completion of flags" "$(mc internal complete run --mem | tr '\n' ' ')" = "--memory --memory-reservation --memory-swap --memory-swappiness "
check "completion of groups" "$(mc internal complete container ren)" = "rename"
check "completion of a heavy command's flags" "$(mc internal complete pull --pl)" = "--platform"
check "bash completion loads and completes" "$(bash -c '. '"$HERE"'/minictr/cli/scripts/completion.bash; COMP_WORDS=('"$BIN"'/minictr unp); COMP_CWORD=1; _minictr; echo "${COMPREPLY[*]}"')" = "unpause"
for s in bash zsh fish; do exits 0 "completion $s" mc completion $s; done
check "completion bash prints what make install puts in place" "$(mc completion bash)" = "$(grep -v '^#' "$HERE/minictr/cli/scripts/completion.bash")"
check "and it is bash" "$(mc completion bash | bash -n && echo yes)" = "yes"
exits 1 "completion of a shell there is not" mc completion tcsh
if needs script; then
	for c in --help "explain --help" "volume --help" "lab reveal 00.5"; do
		script -qc "stty cols 80 rows 24; $BIN/minictr $c" /dev/null </dev/null >"$T/tty" 2>&1
		check "on 80 columns: minictr $c" "$(sed 's/\x1b\[[0-9;]*m//g' "$T/tty" | tr -d '\r' | awk 'length > 80')" = ""
	done
else for c in 1 2 3 4; do skip "on 80 columns" "no script(1)"; done; fi
plan "$N"
