# lib.sh - what the scripts of an exercise source: planted words, verdicts, questions to the engine.
#
#   start.sh     makes the start state            solution.sh   one right way (tests run it; not shown)
#   check.sh     looks at the engine's state      wrong-*.sh    mistakes that check.sh must name (tests run them)
#   reset.sh     takes everything away again
# They get EXERCISE ("00-hello/exit-codes"), LAB_SEED and LAB_STATE (a folder that stays between them), `minictr` in PATH.
set -u
LC_ALL=C; export LC_ALL

# word N: eight letters, the same for this learner, exercise and N.
word() { printf '%s %s %s' "$LAB_SEED" "$EXERCISE" "$1" | sha256sum | tr '0-9a-f' 'g-p''a-f' | cut -c1-8; }
# number N LOW HIGH
number() { n=$(printf '%s %s %s' "$LAB_SEED" "$EXERCISE" "$1" | sha256sum | cut -c1-6); echo $((0x$n % ($3 - $2 + 1) + $2)); }

said() { cat "$LAB_STATE/answer" 2>/dev/null; }     # what `exercise answer TEXT` said last
keep() { printf '%s\n' "$2" >"$LAB_STATE/$1"; }     # keep NAME TEXT
kept() { cat "$LAB_STATE/$1" 2>/dev/null; }

ok() { echo "  ok    $1"; }
# fail EXPECTED GOT [MEANING]: the first one ends the check.
fail() {
	echo "  FAIL  expected  $1"
	echo "        got       ${2:-(nothing)}"
	[ $# -lt 3 ] || echo "        meaning   $3"
	exit 1
}
# same WHAT EXPECTED GOT [MEANING]
same() { if [ "$2" = "$3" ]; then ok "$1"; elif [ $# -gt 3 ]; then fail "$1: $2" "$3" "$4"; else fail "$1: $2" "$3"; fi; }

# answered WHAT EXPECTED MEANING: the learner's answer is right. What is right is never printed: that would give it away.
answered() {
	[ -n "$(said)" ] || fail "$1, by: exercise answer TEXT" "no answer yet"
	[ "$(said | tr -s ' ' | sed 's/^ //; s/ $//')" = "$2" ] || fail "$1" "$(said), and that is not so" "$3"
	ok "$1"
}

look() { minictr inspect --format "$2" "$1" 2>/dev/null; }    # look CONTAINER '{{.State.Pid}}'
there() { look "$1" '{{.Id}}' >/dev/null || fail "a container called $1" "there is none"; }
running() { there "$1"; same "$1 runs" running "$(look "$1" '{{.State.Status}}')"; }
file_in() { minictr cp "$1:$2" - 2>/dev/null | tar -xOf - 2>/dev/null; }    # file_in CONTAINER PATH, running or not
remove() { for c in "$@"; do minictr rm -f "$c" >/dev/null 2>&1; done; }
remove_image() { for i in "$@"; do minictr rmi -f "$i" >/dev/null 2>&1; done; }
