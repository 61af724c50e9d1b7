#!/bin/sh
# 61-lab-tool.sh - the lab tool: starters, mine or reference with gcc and clang, link checks, verdicts, reports, rebase, ownership.
# Everything happens in a copy of the tree's sources, with the build folder linked in.
. "$(dirname "$0")/lib.sh"
[ -x "$BIN/minictr-lab" ] || skip_all "the lab tool is not built"
TOP=$T/top; MINICTR_TOP=$TOP; export MINICTR_TOP
mkdir -p "$TOP/build/gen"
cp -r "$HERE/labs" "$HERE/minictr" "$TOP/"
[ ! -d "$HERE/tutorial" ] || ln -s "$HERE/tutorial" "$TOP/tutorial"
for d in bin lib obj; do ln -s "$(dirname "$BIN")/$d" "$TOP/build/$d"; done
for f in "$(dirname "$BIN")"/gen/*; do cp "$f" "$TOP/build/gen/"; done  # copies: the compiler's view covers /tmp, where this checkout may lie
rm "$TOP/build/gen/lab-link.ini"; sed "s,$(dirname "$BIN")/,build/,g" "$(dirname "$BIN")/gen/lab-link.ini" >"$TOP/build/gen/lab-link.ini"
lab() { "$BIN/minictr-lab" "$@" </dev/null; }
# replace FILE TASK-FUNCTION BODY: the TODO line of a function
replace() { sed -i "s|^.*TODO([0-9.]*, $2[,)].*\$|$3|" "$TOP/work/$1"; }
P=00-hello/process.c

plan 79
check "lab alone names the one next thing to type" "$(lab)" "~" "Type: start 0"
out=$(lab start 0)
check "start writes the owned files" "$(ls "$TOP/work/00-hello" | tr '\n' ' ')" = "hello.c process.c "
check "start says what to type next" "$out" "~" "then: open, check"
check "prompt names the task" "$(lab prompt)" = "00.1"
check "the starter keeps the contract" "$(grep -c 'Lab 00.2' "$TOP/work/$P")" -eq 1
check "the starter keeps given helpers" "$(grep -c '^static int place_stdio' "$TOP/work/$P")" -eq 1
check "no owned body is left" "$(grep -c 'TODO(' "$TOP/work/$P")" -eq 4
check "how and why are gone" "$(grep -c 'WIFSIGNALED\|POLLIN' "$TOP/work/$P")" -eq 0

lab check 0 >"$T/out"; rc=$?
check "a starter is all todo" "$(grep -c '^  todo' "$T/out")" -eq 5
check "and no failure" "$(grep -c FAIL "$T/out")" -eq 0
check "but not passed" $rc -eq 1
check "mine or reference is shown" "$(head -1 "$T/out")" "~" "mine: nothing yet, all reference"
check "the host is clean" "$(cat "$T/out")" "~" "^host: clean"

replace $P process_exit_code "	if (WIFSIGNALED(wstatus))\n\t\treturn 128 + WTERMSIG(wstatus);\n\treturn WEXITSTATUS(wstatus);"
cp "$TOP/.lab/progress.ini" "$T/progress"
for t in 1 2 4 5; do printf '[00.%s]\nbest = ok\nanew = no\n' $t; done >>"$TOP/.lab/progress.ini"
check "the last task of a lab leads to the next lab" "$(lab check 0.3)" "~" "next: lab 01"
cp "$T/progress" "$TOP/.lab/progress.ini"
lab check 0 >"$T/out"; rc=$?
check "one task done is one ok" "$(grep -c '^  ok    00.3' "$T/out")" -eq 1
check "the file is named as mine" "$(head -1 "$T/out")" "~" "process.c \(1 of 4\)"
check "points are counted" "$(cat "$T/out")" "~" "^2 of [0-9]+ points, 4 to do"
sed -i 's/128 + WTERMSIG(wstatus)/WTERMSIG(wstatus)/' "$TOP/work/$P"
lab check 0.3 >"$T/out"; rc=$?
check "a wrong answer is FAIL, exit status 1" "$rc $(grep -c '^  FAIL  00.3' "$T/out")" = "1 1"
check "a failure takes eight lines at most" "$(sed -n '/FAIL/,/^host/p' "$T/out" | grep -c '^        ')" -le 8
for word in ran expected got "look at" next; do grep -q "^        $word" "$T/out" || echo "$word"; done >"$T/missing"
check "it says ran, expected, got, look at, next" "$(cat "$T/missing")" = ""
check "look at names file and line" "$(cat "$T/out")" "~" "look at   work/$P:[0-9]+  process_exit_code"
check "TAP" "$(lab check 0.3 --tap | grep -c '^not ok 1 - 00.3')" -eq 1
if needs xmllint; then lab check 0 --junit | xmllint --noout - && ok "JUnit is well-formed" || not_ok "JUnit is well-formed"; elif needs python3; then lab check 0 --junit | python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.stdin)' && ok "JUnit is well-formed" || not_ok "JUnit is well-formed"; else skip "JUnit is well-formed" "no XML parser"; fi
check "JSON" "$(lab check 0.3 --json | tr -d ' \n')" "~" '"verdict":"FAIL"'
check "the same seed plants the same values" "$(lab check 0.3 --seed 77 --json | sed '/seconds/d' | md5sum)" = "$(lab check 0.3 --seed 77 --json | sed '/seconds/d' | md5sum)"

# --- what must not link ---
good=$(cat "$TOP/work/$P")
say() { printf '%s\n' "$good" >"$TOP/work/$P"; printf '%s\n' "$1" >>"$TOP/work/$P"; lab check 0 2>&1; }
check "a syntax error is shown with its line" "$(say 'int broken( {')" "~" "process.c:[0-9]+:[0-9]+: error"
check "a function of another name is refused" "$(say 'ssize_t write(int a, const void *b, size_t c) { return (ssize_t)c; }')" "~" "defines write, which is not a task"
check "a constructor is refused" "$(say '__attribute__((constructor)) static void early(void) { _exit(0); }')" "~" "runs before or after main"
check "an ifunc is refused" "$(say 'static void *pick(void) { return 0; } void lab_pick(void) __attribute__((ifunc("pick")));')" "~" "ifunc|not a task"
check "a static one too: it would run before main" "$(say 'static int (*pick(void))(int) { return 0; } static int picked(int) __attribute__((ifunc("pick"))); static __attribute__((used)) int call(int w) { return picked(w); }')" "~" "picked is chosen while the program loads"
printf '%s\n' "$good" | sed 's/^int process_exit_code/int process_exit_kode/' >"$TOP/work/$P"
check "a missing function is named" "$(lab check 0 2>&1)" "~" "process_exit_kode|process_exit_code .*is gone"
# Forgeries: the reference would answer for a function that is not there, or is left out by the linker.
label() { { printf '%s\n' "$good" | sed 's/^int process_exit_code/static int (*const other)(int) __attribute__((used));\nstatic int process_exit_kode/'
	printf '__asm__(".globl \\"process_exit_code%s\\"\\n\\"process_exit_code%s\\":\\n.byte 0");\n' "$1" "$1"; } >"$TOP/work/$P"; lab check 0.3 2>&1; }
check "a symbol with a blank in its name stands for no function" "$(label ' x')" "~" "defines process_exit_code x, which"
check "nor does one with a newline" "$(label '\n0 T x')" "~" "defines process_exit_code\^J0 T x, which"
cp "$TOP/work/00-hello/hello.c" "$T/hello.c"
printf '__asm__(".section .gnu.linkonce.t.zz,\\"ax\\",@progbits\\nret\\n.text");\n' >>"$TOP/work/00-hello/hello.c"
printf '%s\n' "$good" | sed 's/^int process_exit_code/__attribute__((section(".gnu.linkonce.t.zz"))) &/' >"$TOP/work/$P"
check "a function that the linker leaves out is not the reference's" "$(lab check 0.3 2>&1)" "~" "the linker leaves process_exit_code out"
cp "$T/hello.c" "$TOP/work/00-hello/hello.c"
check "names of the drive program are out of reach" "$(say 'extern void drive_before(void) __attribute__((weak)); static void again(void) { if (drive_before) drive_before(); } static void (*const r)(void) __attribute__((used)) = again;')" "~" "drive_before is the grader's"
printf '%s\n' "$good" >"$TOP/work/$P"

# --- the loop, and the learner's own engine ---
sed -i 's/return WTERMSIG/return 128 + WTERMSIG/' "$TOP/work/$P"; grep -q '128 + WTERM' "$TOP/work/$P" || sed -i 's/ WTERMSIG(wstatus)/ 128 + WTERMSIG(wstatus)/' "$TOP/work/$P"
sed -i '/^\[00.3\]/,/^$/d' "$TOP/.lab/progress.ini"
lab check 0.3 >"$T/out"
check "after a pass the engine is linked anew and runs a container" "$(cat "$T/out")" "~" "Your engine was linked anew .*, 1 of [0-9]+ tasks are yours\) and ran a container"
"$BIN/minictr-lab" check 0.3 --watch </dev/null >"$T/watch" 2>&1 & watcher=$!; PIDS="$PIDS $watcher"
check "check --watch grades at once" "$(eventually 20 grep -q 'watching work/00-hello' "$T/watch" && grep -c 'ok    00.3' "$T/watch")" = 1
printf '%s\n' "$good" >"$TOP/work/$P.new"; mv "$TOP/work/$P.new" "$TOP/work/$P"
check "and again when a file is saved by rename" "$(eventually 20 grep -q 'FAIL  00.3' "$T/watch" && echo yes)" = yes
kill $watcher; wait $watcher 2>/dev/null

# --- a crash names file and line; explain marks what is the learner's ---
sed -i 's/^\tif (WIFSIGNALED(wstatus))/\t*(volatile int *)(long)(wstatus * 0) = 1;\n&/' "$TOP/work/$P"
line=$(grep -n 'volatile int' "$TOP/work/$P" | cut -d: -f1)
lab check 0.3 >"$T/out" 2>&1
check "a crash names the learner's file and line" "$(cat "$T/out")" "~" "look at   work/$P:$line\$"
check "and the way to a debugger" "$(cat "$T/out")" "~" "your code crashed at that line .Segmentation fault.. A debugger: gdb"
check "what it told of itself is not shown as its output" "$(lab show 0.3 | grep -c lab-crash)" = 0
printf '%s\n' "$good" >"$TOP/work/$P"
if [ "$(id -u)" = 0 ]; then
	starter_images; lab start 1 >/dev/null
	replace 01-chroot/rootfs.c rootfs_make_private '	return sys_mount(NULL, "/", NULL, MS_REC + MS_PRIVATE, NULL, err);'
	lab engine >"$T/out" 2>&1
	check "explain marks the step that went through the learner's code" "$("$TOP/build/mine/minictr" explain run --rm hello 2>&1 | grep -c 'mount(NULL.*yours, 01.2\|^(1 of [0-9]* steps went')" = 2
	rm -rf "$TOP/work/01-chroot"
else skip "explain marks the step that went through the learner's code" "needs root"; fi

# --- what a status means; why after a pass; a limit of the compiler's ---
replace $P process_stop '	printf("seen\\n"); fflush(stdout); _exit(94);'
check "a program that ended itself is told so, by its status and what it printed" "$(lab check 0.5 2>&1 | grep 'got  ')" "~" "the program ended itself with exit status 94; it printed: seen\$"
sed -i 's/printf("seen.n"); fflush(stdout); _exit(94);/return -ENOTTY;/' "$TOP/work/$P"
check "an error that was returned is named, words or none" "$(lab check 0.5 2>&1 | grep 'got  ')" "~" "it failed: the function returned -25 .-ENOTTY.\$"
sed -i 's/return WTERMSIG/return 128 + WTERMSIG/' "$TOP/work/$P"; lab check 0.3 >"$T/out" 2>&1
check "why right after a pass tells what was just seen" "$(grep -c '^  ok    00.3' "$T/out") $(lab why | head -1)" "~" "^1 00.3 "
printf 'char huge[100u << 20] = { 1 };\n' >>"$TOP/work/$P"
check "an object that is too large is told in plain words" "$(lab check 0.3 2>&1)" "~" "limit for an object file"
printf '%s\n' "$good" >"$TOP/work/$P"

# --- a teacher grades: this tree's checks, a fresh build, nothing that came along counts ---
mkdir -p "$T/in/ana/work" "$T/in/bob/00-hello"
cp -r "$TOP/work/00-hello" "$T/in/ana/work/"; sed -i 's/return WTERMSIG/return 128 + WTERMSIG/' "$T/in/ana/work/00-hello/process.c"
sed -i 's/"nobody"/"purple"/' "$T/in/ana/work/00-hello/hello.c"
printf 'int broken( {\n' >"$T/in/bob/00-hello/process.c"; ln -s /etc/passwd "$T/in/bob/00-hello/hello.c"
progress=$(md5sum <"$TOP/.lab/progress.ini")
lab grade --lab 0 --csv "$T/grades.csv" "$T/in/ana" "$T/in/bob" >"$T/out" 2>&1; rc=$?
check "lab grade gives each learner points" "$rc $(grep -c '^ana  *3 of\|^bob  *0 of' "$T/out")" = "0 2"
check "and tells why one does not build" "$(grep ' bob ' "$T/out")" "~" "does not build: .*link|does not build: .*expected|no plain file"
check "and a line a task in a CSV" "$(grep -c '^ana,00,00.[135],' "$T/grades.csv") $(grep '^ana,00,00.3' "$T/grades.csv" | cut -d, -f4-6)" = "3 ok,2,2"
mkdir "$T/in/eve" "$T/in/dan"; ln -s ../ana/work "$T/in/eve/work"; mkdir "$T/in/dan/work"; ln -s ../../ana/work/00-hello "$T/in/dan/work/00-hello"
check "a link to a neighbour's work is no work" "$(lab grade --lab 0 "$T/in/eve" "$T/in/dan" 2>&1 | grep -c ' 0 of .*does not build: .* is a link')" = 2
check "the learner's own progress is not touched" "$(md5sum <"$TOP/.lab/progress.ini")" = "$progress"

# --- what a program prints begins no line of a report; a tree below /opt or /usr ---
lab start 5 >/dev/null; replace 05-image-pull/name.c image_name_parse '	printf("x\\nok 2 - forged \\377\\002\\n"); fflush(stdout); return err_set(err, EINVAL, "%s", text);'
check "a line of TAP cannot be printed" "$(lab check 5.1 --tap | grep -c '^not ok 1\|^ok 2')" = 1
rm -rf "$TOP/work/05-image-pull"
if [ "$(id -u)" = 0 ]; then
	check "a tree below /opt is graded too, and shows no sources" "$(printf '#include "runtime/process.c"\n' >>"$TOP/work/$P"; unshare -m sh -c 'mount -t tmpfs opt /opt && mkdir /opt/lab && mount --bind "$1" /opt/lab && MINICTR_TOP=/opt/lab "$2" check 0 2>&1' sh "$TOP" "$BIN/minictr-lab" | grep -c 'runtime/process.c: No such file')" = 1
	printf '%s\n' "$good" >"$TOP/work/$P"
else skip "a tree below /opt is graded too" "needs root"; fi

# --- files that are none, and another's folder ---
fifo() { rm -f "$TOP/work/$P"; "$@"; timeout 20 "$BIN/minictr-lab" check 0 </dev/null 2>&1; rm -f "$TOP/work/$P"; printf '%s\n' "$good" >"$TOP/work/$P"; }
check "a fifo for a work file is named, not waited for" "$(fifo mkfifo "$TOP/work/$P")" "~" "process.c is no plain file"
check "a link is not followed" "$(fifo ln -s /etc/hostname "$TOP/work/$P")" "~" "process.c is a link"
check "a device is no work file" "$(fifo mknod "$TOP/work/$P" c 1 5)" "~" "process.c is no plain file"
chown 4242 "$TOP/work"; out=$(lab check 0 2>&1); rc=$?; chown 0 "$TOP/work"
check "work/ of another user is refused" "$rc $out" "~" "^2 .*work/ belongs to .*4242"
check "the reference's source cannot be included" "$(say '#include "runtime/process.c"')" "~" "runtime/process.c: No such file"
check "nor a file of the host" "$(say '__asm__(".incbin \"/etc/hostname\"");')" "~" "/etc/hostname"
check "an array of 3 GB fills no disk" "$(say 'static volatile char big[3l << 30] = { 1 }; int (*keep)(void); static int use(void) { return big[1]; } static int (*const p)(void) __attribute__((used)) = use;' | head -3)" "~" "does not compile"
printf '%s\n' "$good" >"$TOP/work/$P"
check "escapes in a learner's text do not reach the terminal" "$(say "int broken(\"$(printf '\033')[2J" | tr -d '\n' | grep -c "$(printf '\033')")" = 0
check "a compiler's warning is shown" "$(say 'static int unused_thing(void) { int x; return x; } static int (*const q)(void) __attribute__((used)) = unused_thing;')" "~" "warning: .*x.* is used uninitialized"
printf '%s\n' "$good" >"$TOP/work/$P"
check "and only for what it is about" "$(lab check 0 | grep -c warning)" = 0

# --- wrappers: the learner's function is called, by its own neighbours too, with both compilers and -O0 to -O3 ---
for cc in gcc clang; do
	for opt in -O0 -O2 -O3; do
		needs $cc || { skip "mine is called ($cc $opt)" "no $cc"; continue; }
		sed -i "s/^cc = .*/cc = $cc/; s/ -O[0-9s] / $opt /" "$TOP/build/gen/lab-link.ini"
		rm -rf "$TOP/build/mine"
		lab check 0.3 >"$T/out" 2>&1
		# the wrong body answers the bare signal number: a bypassed learner would be "ok"
		check "mine is called, TODO is the reference's ($cc $opt)" "$(grep -c '^  FAIL  00.3' "$T/out") $(lab check 0 | grep -c '^  todo')" = "1 4"
	done
done

# --- rebase ---
lab hint 0.2 >/dev/null
sed -i 's/^interface = 1/interface = 2/' "$TOP/labs/00-hello/lab.ini"
sed -i 's/^ \* Lab 00.5: /&NEW WORDS: /' "$TOP/minictr/runtime/process.c"
check "an old starter says: lab rebase" "$(lab check 0 2>&1)" "~" "lab rebase"
lab rebase 0 >"$T/out"
check "rebase merges" "$(grep -c 'NEW WORDS' "$TOP/work/$P") $(grep -c 'WTERMSIG(wstatus)' "$TOP/work/$P")" = "1 1"
check "and keeps a backup" "$(ls "$TOP/work/00-hello/"backup-*/process.c | wc -l)" -eq 1
check "then it links again" "$(lab check 0.3)" "~" "FAIL  00.3"
lab reset 0 >/dev/null
check "reset begins anew and keeps the old files" "$(grep -c 'TODO(' "$TOP/work/$P") $(grep -l 'WTERMSIG(wstatus)' "$TOP"/work/00-hello/backup-*/process.c | wc -l)" = "4 2"
check "a passed task is open again, its points stay" "$(sed -n '/^.00.3.$/,/^$/p' "$TOP/.lab/progress.ini" | grep -c '^anew = yes\|^best = ok')" -eq 2
check "its hints begin at the first" "$(lab hint 0.2 | head -1)" "~" "hint 1 of 3"
check "start and check give the same word" "$(lab start 0 | grep -o 'put "[a-z]*"')" = "$(lab check 0 | grep -o 'put "[a-z]*"')"
check "history names what happened" "$(grep -c ' start \| check \| hint \| rebase \| reset ' "$TOP/.lab/history.log")" -ge 15
check "an unknown verb is answered by the nearest" "$(lab chekc 2>&1)" "~" 'did you mean `lab check`'
