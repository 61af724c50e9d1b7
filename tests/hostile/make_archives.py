#!/usr/bin/env python3
"""make_archives.py DIR OUTSIDE - archives that try to leave their root, and a few honest but difficult ones.

Each file is named VERDICT-what.tar...: "no" must be refused; "in" may be taken, but nothing outside its root may change;
"ok" must be taken. OUTSIDE is a directory with a file `canary` that no archive may touch.
"""
import io, os, subprocess, sys, tarfile

out, outside = sys.argv[1], sys.argv[2]
UP = "../" * 12


def entry(name, kind=tarfile.REGTYPE, data=b"", link="", mode=0o644, **more):
    t = tarfile.TarInfo(name)
    t.type, t.linkname, t.mode, t.size, t.mtime = kind, link, mode, len(data), 1000000000
    for key, value in more.items():
        setattr(t, key, value)
    return t, data


def write(name, *entries, format=tarfile.PAX_FORMAT):
    with tarfile.open(os.path.join(out, name + ".tar"), "w", format=format) as tar:
        for info, data in entries:
            tar.addfile(info, io.BytesIO(data))


F, D, S, H = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
evil = b"evil\n"
rel = UP + outside.lstrip("/")

# Names that climb.
write("no-dotdot", entry("../evil", F, evil))
write("no-dotdot-deep", entry("a/../../evil", F, evil))
write("no-dotdot-long", entry(rel + "/canary", F, evil))
write("no-dotdot-dir", entry("..", D, mode=0o777))
write("in-absolute", entry(outside + "/canary", F, evil))
write("in-slashes", entry("///" + outside + "//./canary", F, evil))
write("ok-dotdot-inside", entry("a/b/../c", F, b"fine\n"))

# Links as stepping stones.
for what, target in (("absolute", outside), ("relative", rel), ("root", "/"), ("proc", "/proc/self/root" + outside),
                     ("cwd", "/proc/self/cwd")):
    write("in-symlink-parent-" + what, entry("l", S, link=target), entry("l/canary", F, evil))
    write("in-symlink-deep-" + what, entry("d", D, mode=0o755), entry("d/l", S, link=target), entry("d/l/x/canary", F, evil))
write("in-symlink-file", entry("f", S, link=outside + "/canary"), entry("f", F, evil))
write("in-symlink-dir-again", entry("f", S, link=outside), entry("f", D, mode=0o777), entry("f/canary", F, evil))
write("in-dir-becomes-symlink", entry("d", D, mode=0o755), entry("d/a", F, b"1"), entry("d", S, link=outside),
      entry("d/canary", F, evil))
write("in-two-links", entry("a", S, link="b"), entry("b", S, link=rel), entry("a/canary", F, evil))
write("no-link-loop", entry("a", S, link="b"), entry("b", S, link="a"), entry("a/x", F, evil))
write("no-hardlink-absolute", entry("h", H, link=outside + "/canary"))
write("no-hardlink-relative", entry("h", H, link=rel + "/canary"))
write("no-hardlink-root", entry("h", H, link="/"))
write("no-hardlink-through-link", entry("l", S, link=outside), entry("h", H, link="l/canary"))
write("in-hardlink-to-symlink", entry("s", S, link=outside + "/canary"), entry("h", H, link="s"), entry("h", F, evil))
write("in-hardlink-then-chmod", entry("s", S, link=outside + "/canary"), entry("h", H, link="s", mode=0o4777))
write("no-hardlink-missing", entry("h", H, link="nothing"))
write("no-hardlink-itself", entry("h", H, link="h"))

# Whiteouts.
write("no-whiteout-dotdot", entry("d", D, mode=0o755), entry("d/.wh...", F))
write("no-whiteout-dot", entry(".wh..", F))
write("no-whiteout-empty", entry(".wh.", F))
write("in-whiteout-in-link", entry("l", S, link=outside), entry("l/.wh.canary", F))
write("in-opaque-in-link", entry("l", S, link=outside), entry("l/.wh..wh..opq", F))
write("ok-whiteouts", entry("d", D, mode=0o755), entry("d/.wh..wh..opq", F), entry(".wh.gone", F),
      entry(".wh..wh.plnk", D, mode=0o700))

# Broken headers and sizes.
write("no-parent-is-file", entry("f", F, b"x"), entry("f/x", F, evil))
write("no-long-component", entry("n" * 300, F, evil))
write("no-deep-path", entry("/".join(["d" * 200] * 30), F, evil))
write("no-root-as-file", entry("./", F, evil))
write("no-root-as-link", entry(".", S, link=outside))
whole = open(os.path.join(out, "ok-dotdot-inside.tar"), "rb").read()
open(os.path.join(out, "no-garbage.tar"), "wb").write(os.urandom(4096))
open(os.path.join(out, "no-checksum.tar"), "wb").write(whole[:100] + b"9" + whole[101:])
write("big", entry("big", F, os.urandom(200000)))
big = open(os.path.join(out, "big.tar"), "rb").read()
os.unlink(os.path.join(out, "big.tar"))
open(os.path.join(out, "no-cut-in-data.tar"), "wb").write(big[:100000])
header = bytearray(whole[:512])
header[124:136] = b"\x80" + b"\x00" * 3 + (1 << 62).to_bytes(8, "big")  # base-256 size
header[148:156] = b" " * 8
header[148:156] = b"%06o\0 " % sum(header)
open(os.path.join(out, "no-huge-size.tar"), "wb").write(bytes(header) + b"x" * 1024)
text = tarfile.TarInfo("text")
text.size = 1 << 20
text = text.tobuf() + b"".join(b"line %07d of many\n" % i for i in range(60000))[: 1 << 20]
gz = subprocess.run(["gzip", "-c"], input=text, stdout=subprocess.PIPE).stdout
open(os.path.join(out, "no-cut-gzip.tar.gz"), "wb").write(gz[: len(gz) // 2])
open(os.path.join(out, "no-bad-gzip.tar.gz"), "wb").write(gz[:1000] + b"\xff" * 500 + gz[1500:])

# Decompression bombs: zstd beyond any honest ratio, gzip within gzip.
header = tarfile.TarInfo("zeros")
header.size = 1 << 28
bomb = header.tobuf(tarfile.GNU_FORMAT)
for name, command in (("no-bomb-zstd.tar.zst", "zstd -1 -q -c"), ("no-bomb-gzip-twice.tar.gz", "gzip -1 -c | gzip -9 -c")):
    with open(os.path.join(out, name), "wb") as f:
        p = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=f)
        p.stdin.write(bomb)
        for _ in range(1 << 8):
            p.stdin.write(bytes(1 << 20))
        p.stdin.close()
        p.wait()

# Honest and difficult.
long_name = "/".join(["long" * 20] * 4)
write("ok-pax", entry("./", D, mode=0o711, mtime=900000000), entry(long_name, F, b"long\n"), entry("\u00e4\u4e2d", F, b"utf8\n"),
      entry("nano", F, b"", pax_headers={"mtime": "1234567890.123456789"}),
      entry("cap", F, b"x", mode=0o755, pax_headers={
          "SCHILY.xattr.security.capability": "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
          "SCHILY.xattr.user.kept": "yes", "SCHILY.xattr.trusted.overlay.redirect": "/etc",
          "SCHILY.xattr.user.overlay.opaque": "y", "SCHILY.xattr.trusted.overlay.metacopy": ""}),
      entry("suid", F, b"x", mode=0o4755, uid=1234, gid=2345), entry("link", S, link="/etc/passwd", uid=7, gid=8),
      entry("implied/dir/file", F, b"x"), entry("fifo", tarfile.FIFOTYPE, mode=0o600),
      entry("null", tarfile.CHRTYPE, mode=0o666, devmajor=1, devminor=3), entry("suid-too", H, link="suid"),
      entry("twice", F, b"first"), entry("twice", F, b"second"), entry("dir-twice", D, mode=0o700),
      entry("dir-twice/x", F, b"x"), entry("dir-twice", D, mode=0o1777), entry("was-dir/x", F, b"x"),
      entry("was-dir", F, b"now a file"))
write("ok-gnu", entry(long_name, F, b"long\n"), entry("l", S, link="t" * 300), format=tarfile.GNU_FORMAT)
latin = tarfile.TarInfo("x")
raw = bytearray(latin.tobuf(tarfile.USTAR_FORMAT))
raw[0:4] = b"l\xe4t1"
raw[148:156] = b" " * 8
raw[148:156] = b"%06o\0 " % sum(raw)
open(os.path.join(out, "ok-latin1.tar"), "wb").write(bytes(raw) + bytes(1024))
open(os.path.join(out, "ok-empty.tar"), "wb").write(bytes(10240))
