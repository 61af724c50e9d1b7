# `system dial-stdio`: a socket behind standard input and output, with half-closed directions.
. "$(dirname "$0")/lib.sh"
plan 4
cat >"$T/server.py" <<'E'
import socket, sys
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1] + "~"); s.listen(1); __import__("os").rename(sys.argv[1] + "~", sys.argv[1])
c, _ = s.accept()
data = b''
while True:
    more = c.recv(65536)
    if not more: break          # only the end of input brings the answer
    data += more
c.sendall(b'%d bytes, last %s' % (len(data), data[-4:])); c.close()
E
background python3 "$T/server.py" "$T/s"
eventually 5 test -S "$T/s"
got=$( (head -c 300000 /dev/zero; printf tail) | DOCKER_HOST=unix://$T/s timeout 20 "$BIN/minictr" system dial-stdio)
check "all bytes arrive and the answer comes after the end of input" "$got" = "300004 bytes, last tail"
DOCKER_HOST=unix://$T/none exits 1 "nobody listens" mc system dial-stdio
check "... says what to do" "$(cat "$T/err")" "~" 'no daemon listens there'
DOCKER_HOST=tcp://127.0.0.1:1 exits 1 "another kind of endpoint" mc system dial-stdio
