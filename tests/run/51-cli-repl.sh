#!/bin/sh
# The prompt fed from a pipe, without anything to read, and at a terminal (a pty).
. "$(dirname "$0")/lib.sh"
need_root
HOME=$T/home; export HOME; mkdir -p "$HOME"

repl() { "$BIN/minictr"; }
printf 'version\n  \n# a comment\nps -q\n' | repl >"$T/out" 2>"$T/err"; check "lines from a pipe run; status of the last" $? -eq 0
check "their output" "$(head -1 "$T/out")" "~" '^minictr [0-9]'
check "no prompt and no greeting in a pipe" "$(cat "$T/out")" "!~" 'minictr>|by building one'
printf 'version\nps --bad\n' | repl >/dev/null 2>&1; check "the last line's failure is the exit status" $? -eq 125
printf 'ps --bad\nexit 7\nversion\n' | repl >"$T/out" 2>/dev/null; check "exit N" $? -eq 7
check "nothing runs behind exit" "$(cat "$T/out")" = ""
printf '!echo $((6*7)) "a  b"\n' | repl >"$T/out" 2>/dev/null; check "!cmd is the user's own shell" "$(cat "$T/out")" = "42 a  b"
printf '!exit 9\n' | repl >/dev/null 2>&1; check "and its status" $? -eq 9
printf 'ls -l\n' | repl >/dev/null 2>"$T/err"; check "a shell's command answers with !" "$(cat "$T/err")" "~" '!ls -l'
printf 'ps | cat\n' | repl >/dev/null 2>"$T/err"; check "a pipe answers with the way" "$(cat "$T/err")" "~" '!minictr ps \| cat'
printf 'vesion\n' | repl >/dev/null 2>"$T/err"; check "a mistyped command names the nearest" "$(cat "$T/err")" "~" "version"
printf 'hnt\n' | repl >/dev/null 2>"$T/err"; check "a mistyped word of a lab, too, without lab in front" "$(cat "$T/err")" "~" "Did you mean 'hint'"
printf 'minictr\n' | repl >"$T/out" 2>/dev/null; check "the program's name alone is help, not a prompt in the prompt" "$(cat "$T/out")" "~" '^Run and look inside'
printf 'clear\ncd /\n' | repl >"$T/out" 2>&1; check "clear and cd are known" "$?:$(cat "$T/out")" = "0:"
printf "ps --format 'a b'\n" | repl >/dev/null 2>"$T/err"; check "quotes hold words together" $? -eq 0
printf "ps 'a\n" | repl >/dev/null 2>"$T/err"; check "an open quote is an error" $? -eq 2
printf 'minictr version\n' | repl >"$T/out" 2>/dev/null; check "the program's name in front is no harm" $? -eq 0
printf '!minictr version\n' | repl >"$T/out" 2>/dev/null; check "minictr is in reach of the shell" $? -eq 0

(cd "$T" && printf 'cd /\ninfo --format {{.MinictrRootDir}}\n' | "$BIN/minictr" --root rel >"$T/out" 2>&1); check "--root of the prompt, a relative one too, holds for its commands" "$(cat "$T/out")" = "$T/rel"
starter_images
repl </dev/null >"$T/out" 2>"$T/err"; check "nothing to read: greets, shows hello, leaves with 0" $? -eq 0
check "greeting" "$(cat "$T/out")" "~" 'containers by building one'
check "says that it is a demonstration" "$(cat "$T/out")" "~" 'No terminal and nothing to read, .* demonstration'
check "hello" "$(cat "$T/out")" "~" '^Hello, .* I am process 1'

# A backslash at the end goes on; signs of a shell say what to do instead; docker's and podman's names in front are no harm.
printf 'version \\\n --format \\\n{{.Client.Version}}\n' | repl >"$T/out" 2>&1; check "a backslash at the end of a line goes on" "$(cat "$T/out")" "~" '^[0-9]+\.[0-9.]+$'
printf 'ps a\\\\\n' | repl >"$T/out" 2>&1; check "two backslashes are one, and an end" "$(cat "$T/out")" "~" 'accepts no arguments'
for l in 'run busybox ls *' 'run -e A=$HOME busybox' 'run `hostname`' 'ps > f' 'ps ; ps' 'cp ~ web:/'; do
	printf '%s\n' "$l" | repl >"$T/out" 2>"$T/err"; rc=$?
	check "$l: not taken as it stands" "$rc $(cat "$T/err" | tr '\n' ' ')" "~" '^2 .*this prompt is none.*!minictr '
done
printf 'echo $HOME\n' | repl >/dev/null 2>"$T/err"; check "echo \$HOME: with ! and as it stands" "$? $(cat "$T/err")" = "127 'echo' is a command of your own shell. Type:  !echo \$HOME"
printf 'cd ~/x\n' | repl >/dev/null 2>"$T/err"; check "cd ~/x: no shell can do it for us" "$? $(tr '\n' ' ' <"$T/err")" "~" '^2 .*write the directory out'
printf "ps --format '\$x *'\nps -q --filter name='a*'\n" | repl >"$T/out" 2>"$T/err"; check "quoted they are letters" $? -eq 0
printf 'docker version --format {{.Client.Version}}\npodman ps -q\n?\n' | repl >"$T/out" 2>&1; check "docker ps is ps, ? is help" "$?:$(grep -c '^Run and look inside' "$T/out")" = "0:1"
printf 'swarm init\n' | repl >/dev/null 2>"$T/err"; check "what is not built says so" "$(cat "$T/err")" "~" "'swarm' is not there"
exits 125 "minictr-repl: an unknown flag is refused before anything is shown" "$BIN/minictr-repl" --nosuch; check "... by name" "$(cat "$T/out" "$T/err")" "~" '^minictr-repl: unknown flag: --nosuch$'
exits 0 "minictr-repl --help" "$BIN/minictr-repl" --help; check "has an example" "$(cat "$T/out")" "~" '^Example:'
exits 125 "minictr-repl takes no command" "$BIN/minictr-repl" ps

# Tab: words of flags, states behind a filter's key, paths in a container
mc create --name files busybox true >/dev/null
check "Tab: values of a filter in two steps" "$(mc internal complete ps --filter stat)$(mc internal complete ps -f status=ex)" = "status=status=exited"
check "Tab: capabilities" "$(mc internal complete run --cap-add SYS_PT) $(mc internal complete run --cap-drop CAP_SYS_PT)" = "SYS_PTRACE CAP_SYS_PTRACE"
check "Tab: words of one flag only" "$(mc internal complete run --pull n)" = "never"
mc network create back --subnet 10.99.7.0/24 >/dev/null; mc volume create stock >/dev/null
check "Tab: networks and volumes by name, behind flags" "$(mc internal complete run --network ba) $(mc internal complete run -v sto) $(mc internal complete run --volumes-from fil)" = "back stock files"
check "Tab: networks behind their verbs, then a container" "$(mc internal complete network rm ba) $(mc internal complete network connect ba) $(mc internal complete network connect back fil)" = "back back files"
mc network rm back >/dev/null; mc volume rm stock >/dev/null
check "Tab: a flag without a value wants none" "$(mc internal complete rm --force fil)" = "files"
check "Tab: a container's paths" "$(mc internal complete cp files:/et) $(mc internal complete cp files:/etc/pas) $(mc internal complete cp files:)" = "files:/etc/ files:/etc/passwd files:/"
mc rm files >/dev/null
term() { env NO_COLOR=1 TERM="${TERM_IS:-xterm}" PAGER="${PAGER_IS:-}" python3 "$HERE/tests/run/terminal.py" "$@" -- "$BIN/minictr"; }
term 24 80 'expect:minictr> ' 'send:version\n' 'expect:no daemon' 'expect:minictr> ' 'send:\x12vers' 'expect:i-search' 'expect:ion' 'send:\x03' 'expect:minictr> ' 'send:\r' 'expect:minictr> ' 'send:!echo al\"\"ive\n' 'expect:alive' 'expect:minictr> ' 'send:exit\n' >"$T/out" 2>&1
check "Ctrl-C leaves the search of Ctrl-R, and Enter does not run what it found" "$?:$(grep -c 'no daemon' "$T/out")" = "0:1"
term 24 80 'expect:minictr> ' 'send:\x12vers' 'expect:i-search' 'sleep:0.3' 'send:\r' 'expect:no daemon' 'send:exit\n' >"$T/out" 2>&1; check "Enter in the search runs the found line" $? -eq 0
term 24 80 'expect:minictr> ' 'send:ps --bad\n' 'expect:minictr (125)> ' 'send:ps -q\n' 'expect:minictr> ' 'send:version \\\n' 'expect:> ' 'send:--format xyz\n' 'expect:xyz' 'expect:xyz' 'send:exit\n' >"$T/out" 2>&1; check "a failed line shows its status in the prompt; a line goes on behind a backslash" $? -eq 0
PAGER_IS='sed s/^/PAGED:/' term 12 80 'expect:minictr> ' 'send:help\n' 'expect:PAGED:' 'expect:minictr> ' 'send:version --format short\n' 'expect:short' 'expect:short' 'send:exit\n' >"$T/out" 2>&1; check "long lists are paged, short ones are not" $? -eq 0
TERM_IS=dumb PAGER_IS='sed s/^/PAGED:/' term 12 80 'expect:minictr> ' 'send:help\n' 'expect:minictr> ' 'send:exit\n' >"$T/out" 2>&1; check "TERM=dumb: no escape sequences, nothing paged" "$?:$(grep -c "PAGED:\|$(printf '\033')" "$T/out")" = "0:0"

mc create --name long busybox echo 12345678901234567890 >/dev/null
for l in C.UTF-8 C; do LC_ALL=$l term 24 160 'expect:minictr> ' 'send:ps -al\n' 'expect:12345678' 'send:exit\n' >"$T/out.$l" 2>&1; done
check "the locale decides about the dots of a list on a terminal" "$(grep -c '12345678901234…' "$T/out.C.UTF-8"):$(grep -c '123456789012\.\.\."' "$T/out.C"):$(mc ps -al | grep -c …)" = "1:1:1"
mc rm long >/dev/null

cat >"$T/term.py" <<'P'
import os, pty, sys, time, select, re
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"; os.environ["NO_COLOR"] = "1"
    os.execv(os.environ["BIN"] + "/minictr", ["minictr"])
out = b""
def upto(text, seconds=10):
    global out
    end = time.time() + seconds
    while text not in out:
        r, _, _ = select.select([fd], [], [], max(0, end - time.time()))
        if not r: print("TIMEOUT waiting for", text, repr(out[-400:])); sys.exit(1)
        try: out += os.read(fd, 4096)
        except OSError: break
    out = out[out.index(text) + len(text):] if text in out else b""
upto(b"minictr> ")
os.write(fd, b"!sleep 50\r"); upto(b"sleep 50"); time.sleep(0.5)
os.write(fd, b"\x03"); upto(b"minictr> ", 5)         # ends the sleep, not the prompt
os.write(fd, b"garbage\x03"); upto(b"minictr> ", 5)  # drops the line
os.write(fd, b"vers\t\r"); upto(b"there is no daemon"); upto(b"minictr> ")
os.write(fd, b"chec\t"); upto(b"check "); os.write(fd, b"\x03"); upto(b"minictr> ")
os.write(fd, b"cd /usr\r"); upto(b"in /usr"); upto(b"minictr> ")
os.write(fd, b"!exit 130\r"); upto(b"minictr> ")
os.write(fd, b"exit\r")
_, st = os.waitpid(pid, 0)
print("status", os.WEXITSTATUS(st))
P
check "a terminal: Ctrl-C, Tab, Ctrl-D" "$(python3 "$T/term.py" 2>&1)" = "status 0"
printf 'run:\n\t@%s/minictr\n' "$BIN" >"$T/makefile"
sed -e 's,os.execv.*,os.execvp("sh"\, ["sh"\, "-c"\, "make -f %s/makefile run; echo made $?" % os.environ["T"]]),' -e 's,^print("status.*,,' -e 's,^os.write(fd\, b"exit.*,os.write(fd\, b"exit\\r"); upto(b"made 0"); print("status"\, 0),' "$T/term.py" >"$T/make.py"
check "below make Ctrl-C is the prompt's alone, and leaving it is 0" "$(T=$T python3 "$T/make.py" 2>&1)" = "status 0"
check "history is kept" "$(tr '\n' '|' <"$HOME/.local/state/minictr/history" | grep -c 'sleep 50')" -eq 1
plan "$N"
