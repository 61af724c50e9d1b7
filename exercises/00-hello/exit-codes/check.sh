. "$(dirname "$0")/../../lib.sh"
for c in own 126 127 137 143; do
	want=$c; [ $c != own ] || want=$(number code 3 90)
	there "code-$c"
	[ "$(look "code-$c" '{{.State.Running}}')" = false ] || fail "code-$c has ended" "it runs"
	why="exit codes are the program's own, 126 and 127 when it did not start, or 128 + signal"
	[ "$c" != 143 ] || why="process 1 gets no TERM unless it handles it: then stop ends in 137. --init helps, or a program that handles it [pid1-term]"
	same "exit code of code-$c" "$want" "$(look "code-$c" '{{.State.ExitCode}}')" "$why"
done
same "OOMKilled of code-137" false "$(look code-137 '{{.State.OOMKilled}}')" "here the kernel killed it for memory; the number is the same, the cause is not [oom-137]"
