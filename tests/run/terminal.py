#!/usr/bin/env python3
# terminal.py ROWS COLS STEP... -- COMMAND...: runs COMMAND on a terminal of its own and plays STEPs:
#   expect:TEXT (within 5 s, else exit status 99)  send:TEXT (\n, \x10 ...)  size:ROWSxCOLS  sleep:SECONDS
# Prints all that came out; the exit status is the command's.
import fcntl, os, pty, select, struct, sys, termios, time
i = sys.argv.index("--")
rows, cols, steps, argv = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:i], sys.argv[i + 1:]
pid, fd = pty.fork()
if pid == 0:
    time.sleep(0.1)
    os.execv(argv[0], argv)
size = lambda r, c: fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", r, c, 0, 0))
size(rows, cols)
out, seen = b"", 0
def read(seconds):
    global out
    if not select.select([fd], [], [], seconds)[0]:
        return True
    try:
        data = os.read(fd, 65536)
    except OSError:
        return False
    out += data
    return bool(data)
failed = False
for s in steps:
    verb, _, arg = s.partition(":")
    arg = arg.encode().decode("unicode_escape")
    if verb == "expect":
        end = time.time() + 5
        while arg.encode() not in out[seen:] and time.time() < end and read(0.1):
            pass
        at = out.find(arg.encode(), seen)
        if at < 0:
            failed = True
            print("pty: waited in vain for", repr(arg))
            break
        seen = at + len(arg)
    elif verb == "send":
        os.write(fd, arg.encode("latin-1"))
    elif verb == "size":
        size(*map(int, arg.split("x")))
    elif verb == "sleep":
        time.sleep(float(arg))
end, status = time.time() + 10, None
while time.time() < end:
    if not read(0.1) or time.time() > end - 9.5:
        p, st = os.waitpid(pid, os.WNOHANG)
        if p:
            status = os.waitstatus_to_exitcode(st)
            break
        time.sleep(0.02)
if status is None:
    os.kill(pid, 9)
    print("pty: the command did not end")
    failed = True
sys.stdout.write(out.decode(errors="replace"))
sys.exit(99 if failed else status)
