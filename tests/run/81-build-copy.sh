#!/bin/sh
# 81-build-copy.sh - minictr build: COPY, ADD, .dockerignore. research: table "COPY, ADD, .dockerignore", row by row.
. "$(dirname "$0")/lib.sh"
need_root
umask 077  # file modes in the image must not depend on it
busybox_rootfs "$T/rootfs"; chmod 755 "$T/rootfs" "$T/rootfs"/*
echo 'app:x:1000:2000::/home/app:/bin/sh' >>"$T/rootfs/etc/passwd"; echo 'grp:x:3000:' >>"$T/rootfs/etc/group"
ln -s bin "$T/rootfs/lbin"; ln -s /nowhere/deep "$T/rootfs/dangling"; ln -s ../../../../outside "$T/rootfs/climb"
tar -C "$T/rootfs" -c . | mc import - busybox:1 >/dev/null
mkdir "$T/ctx"; cd "$T/ctx" || exit 1
# build NAME: Dockerfile on stdin, instructions after FROM busybox:1
build() { name=$1; shift; { echo 'FROM busybox:1'; cat; } >"$T/Dockerfile"; mc build --progress plain -f "$T/Dockerfile" -t "$name" "$@" . >"$T/out" 2>"$T/err" </dev/null; }
# tree NAME: what the layers above the base hold: type mode uid:gid name -> link
tree() { for l in $(mc inspect "$1" | jq -r '.[0].RootFS.Layers[1:][]' | sed 's/sha256://'); do (cd "$MINICTR_ROOT/layers/$l/fs" && find . ! -name . -printf '%y %m %U:%G %P %l\n' | sed 's/ $//' | sort -k4); done; }
ran() { grep -c "^#[0-9]* DONE" "$T/err"; }
fails() { name=$1; want=$2; build x; rc=$?; check "$name" "$rc $(cat "$T/err")" "~" "^1 .*"; check "  and says: $want" "$(cat "$T/err")" "~" "$want"; }
plan 92

mkdir -p src/sub src/dir.d a b; echo 1 >src/1.txt; echo 2 >src/2.txt; echo s >src/sub/s; chmod 640 src/1.txt; chmod 755 src src/sub src/dir.d; chmod 4755 src/2.txt; chmod 600 src/sub/s
ln src/1.txt src/hard; ln -s sub/s src/link; ln -s /etc/passwd src/abs; ln -s ../../../etc/passwd src/up; echo root >top.txt; chmod 644 top.txt; echo d >.dot; chmod 644 .dot
mkfifo src/fifo; python3 -c "import socket; socket.socket(socket.AF_UNIX).bind('src/sock')"; touch -d '2001-02-03 04:05:06' src/1.txt
echo x >a/one; echo y >b/two; chmod 700 a; chmod 644 a/one b/two

# --- destinations and sources ---
build t <<'D'
COPY src /new/place
D
check "a directory's contents, modes kept, hard links and links kept, owner root" "$(tree t | tr '\n' ';')" = "d 755 0:0 new;d 755 0:0 new/place;f 640 0:0 new/place/1.txt;f 4755 0:0 new/place/2.txt;l 777 0:0 new/place/abs /etc/passwd;d 755 0:0 new/place/dir.d;f 640 0:0 new/place/hard;l 777 0:0 new/place/link sub/s;d 755 0:0 new/place/sub;f 600 0:0 new/place/sub/s;l 777 0:0 new/place/up ../../../etc/passwd;"
check "a FIFO and a socket are left out with a warning" "$(cat "$T/err")" "~" "src/fifo is left out: a named pipe"
check "hard links inside one COPY stay links" "$(mc run --rm t stat -c %h /new/place/hard)" = 2
check "a file's time is kept" "$(mc run --rm -e TZ=UTC t stat -c %y /new/place/1.txt)" "~" "^2001-02-03"
build t <<'D'
COPY a/ /d1
COPY a /d2/
COPY top.txt /f1
COPY top.txt /f2/
COPY top.txt src/1.txt /d1
COPY top.txt .
WORKDIR /work
COPY top.txt rel
COPY top.txt ./
COPY a/one ../up/
COPY .dot /
COPY ["top.txt", "/with blank"]
D
check "destinations: file, directory, existing, relative, .., JSON form" "$(tree t | cut -d' ' -f1,2,4- | tr '\n' ';')" = "d 755 d1;f 644 d1/one;d 755 d2;f 644 d2/one;f 644 f1;d 755 f2;f 644 f2/top.txt;d 755 d1;f 640 d1/1.txt;f 644 d1/top.txt;f 644 top.txt;d 755 work;d 755 work;f 644 work/rel;d 755 work;f 644 work/top.txt;d 755 up;f 644 up/one;f 644 .dot;f 644 with blank;"
fails "several sources and a destination that is no directory" "must be a directory" <<'D'
COPY top.txt src/1.txt /nodir
D
build t <<'D'
COPY src/*.txt src/[l]ink /w/
COPY src/d?r.d /x
COPY s*c/s*/s /deep
COPY src/nothing* top.txt /y/
D
check "wildcards, on two levels; a matched link is followed; one that matches nothing does no harm" "$(tree t | cut -d' ' -f1,2,4- | tr '\n' ';')" = "d 755 w;f 640 w/1.txt;f 4755 w/2.txt;f 600 w/link;d 755 x;f 600 deep;d 755 y;f 644 y/top.txt;"
build t <<'D'
COPY nothing* /z/
D
check "a wildcard that matches nothing, alone: a warning, once" "$? $(grep -c "no source file matches" "$T/err")" = "0 1"
ln -s /nowhere src/gone
fails "a link that a wildcard matches and that leads nowhere" '"/src/gone": not found' <<'D'
COPY src/1* src/gon[e] /z/
D
rm src/gone
fails "a missing source" '"/src/nofile": not found in the build context' <<'D'
COPY src/nofile /
D
fails "ADD of a git repository" "git clone" <<'D'
ADD https://example.org/x.git#main:sub /x
D
fails "COPY of a git repository" "git clone" <<'D'
COPY git@example.org:x/y /x
D
mkdir bare.git; echo 'FROM scratch' >bare.git/Dockerfile; exits 0 "a directory called x.git is a context" mc build -q bare.git
exits 1 "a repository is none" mc build 'https://example.org/x.git#main:sub'
check "... and says what to do" "$(cat "$T/err")" "~" "git clone URL DIR"; rm -r bare.git
fails "COPY of a URL" "can't be a URL" <<'D'
COPY http://127.0.0.1:1/x /
D

# --- never out of the context, never out of the image ---
echo outside >"$T/outside"; ln -s "$T/outside" leak; ln -s .. updir; ln -s /etc absdir
fails "a link that leaves the context" "not found in" <<'D'
COPY leak /
D
fails "an absolute link resolves inside the context" "not found in" <<'D'
COPY absdir/passwd /
D
fails "a directory link that climbs" "not found in" <<'D'
COPY updir/outside /
D
fails ".. counts from the root of the context" "not found in" <<'D'
COPY ../outside /
D
build t <<'D'
COPY ../src/1.txt /../../ok
COPY /top.txt /
D
check "../x and /x are x" "$(tree t | cut -d' ' -f4- | tr '\n' ';')" = "ok;top.txt;"
build t <<'D'
COPY top.txt /lbin/x
COPY top.txt /dangling/y
COPY top.txt /climb/z
D
check "links of the image at the destination are followed inside it; missing targets are made" "$(tree t | cut -d' ' -f4- | tr '\n' ';')" = "bin;bin/x;nowhere;nowhere/deep;nowhere/deep/y;outside;outside/z;"
check "nothing was written outside" "$(ls -d /nowhere /outside 2>/dev/null | wc -l)" -eq 0
rm leak updir absdir

# --- conflicts ---
fails "a directory over a file of the image" "no directory in the image" <<'D'
COPY top.txt /mix/sub
COPY src /mix
D
mkdir -p rootfs/lbin; echo q >rootfs/lbin/q
fails "a directory over a link to a directory, inside a tree" "that is a link in the image, to " <<'D'
COPY rootfs /
D
check "the link is still there" "$(readlink "$MINICTR_ROOT"/layers/*/fs/lbin)" = bin
fails "a file over a directory" "directory" <<'D'
RUN mkdir -p /p/top.txt/x
COPY top.txt src/1.txt /p/
D
fails "a name that a layer cannot hold" "delete" <<'D'
RUN touch /.wh.x
D
rm -r rootfs

# --- owner and mode ---
build t <<'D'
RUN mkdir -m 700 /keep && chown 9:9 /keep
COPY --chown=app top.txt /n/deep/
COPY --chown=app:grp top.txt /keep/
COPY --chown=7 top.txt /s7
COPY --chown=7:8 a /s78
COPY --chown=:grp top.txt /sg
COPY --chmod=600 top.txt /m600
COPY --chmod=u=rwX,go=rX src/sub /sym/
USER app
COPY top.txt /byroot
D
check "--chown: primary group, names, numbers, :g, new parents; existing ones keep theirs; USER does not count; --chmod octal and symbolic" "$(tree t | grep -v sym | tr '\n' ';')" = "d 700 9:9 keep;d 755 1000:2000 n;d 755 1000:2000 n/deep;f 644 1000:2000 n/deep/top.txt;d 700 9:9 keep;f 644 1000:3000 keep/top.txt;f 644 7:7 s7;d 755 7:8 s78;f 644 7:8 s78/one;f 644 0:3000 sg;f 600 0:0 m600;f 644 0:0 byroot;"
check "symbolic modes" "$(mc run --rm -u 0 t stat -c %a /sym/s)" = 644
build t <<'D'
COPY --chmod=go= top.txt /way/to/f
COPY --chmod=4750 top.txt /oct/f
USER nobodyknows
WORKDIR /wd
D
check "new parents have an octal mode without set-uid, not a symbolic one; WORKDIR for a user that the image lacks is root's" "$(tree t | tr '\n' ';')" = "d 755 0:0 way;d 755 0:0 way/to;f 600 0:0 way/to/f;d 750 0:0 oct;f 4750 0:0 oct/f;d 755 0:0 wd;"
build t <<'D'
COPY top.txt /twice/
COPY top.txt /twice
RUN touch /over
D
check "a step that gives the same layer again" "$? $(mc run --rm t ls /twice)" = "0 top.txt"
fails "--chown of a name that is not in the image" "unable to find user nouser" <<'D'
COPY --chown=nouser top.txt /
D
fails "--chmod that is none" "invalid mode" <<'D'
COPY --chmod=rwx top.txt /
D

# --- from a stage ---
cat >"$T/from" <<'D'
FROM busybox:1 AS one
RUN mkdir -m 750 /o && echo o >/o/f && chown -R 5:6 /o && chmod 4711 /o/f && ln -s f /o/l && ln /o/f /o/h && mkfifo /o/p
FROM busybox:1
COPY --from=one /o /got
COPY --from=one /o/l /o/f /two/
COPY --from=0 --chown=1:2 /o/f /owned
COPY --from=busybox:1 /etc/group /g
D
mc build -f "$T/from" -t f . >"$T/out" 2>"$T/err"
check "--from keeps owners, modes, links; a new destination is root's; by name, number, image" "$(tree f | tail -n +1 | tr '\n' ';')" = "d 755 0:0 got;f 4711 5:6 got/f;f 4711 5:6 got/h;l 777 0:0 got/l f;p 644 0:0 got/p;d 755 0:0 two;f 4711 5:6 two/f;f 4711 5:6 two/l;f 4711 1:2 owned;f 600 0:0 g;"
if needs setcap getcap && [ -x /usr/bin/setcap ]; then
	cp "$T/rootfs/bin/busybox" capped; setcap cap_net_raw+ep capped; tar --xattrs --xattrs-include='*' -c capped >c.tar
	printf 'FROM scratch AS one\nADD c.tar /\nFROM busybox:1\nCOPY --from=one --chown=3:3 /capped /c\nCOPY capped /plain\n' >"$T/cap"
	mc build -f "$T/cap" -t c . >/dev/null 2>"$T/err"
	check "a file capability survives ADD and COPY --from with --chown; a context's does not travel" "$(for l in $(mc inspect c | jq -r '.[0].RootFS.Layers[1:][]' | sed 's/sha256://'); do getcap -r "$MINICTR_ROOT/layers/$l/fs"; done | sed 's,.*/fs,,')" "~" "^/c cap_net_raw.ep$"
	rm capped c.tar
else skip "a file capability survives" "no setcap"; fi
fails "--from a stage that is not there" "takes an earlier stage" <<'D'
COPY --from=localhost:1/nostage /x /
D

# --- heredocs ---
build t <<'D'
ARG V=val
COPY <<EOF /h1
v=$V "q" \$x
EOF
COPY <<"E1" <<-E2 /hd/
raw $V
E1
	tab
E2
COPY --chmod=755 --chown=app <<X top.txt /hx/
#!/bin/sh
X
D
check "heredocs: names, mode, owner" "$(tree t | tr '\n' ';')" = "f 644 0:0 h1;d 755 0:0 hd;f 644 0:0 hd/E1;f 644 0:0 hd/E2;d 755 1000:2000 hx;f 755 1000:2000 hx/X;f 755 1000:2000 hx/top.txt;"
check "heredocs: content, expanded and verbatim" "$(mc run --rm -u 0 t cat /h1 /hd/E1 /hd/E2 | tr '\n' ';')" = 'v=val "q" $x;raw $V;tab;'

# --- ADD ---
mkdir tarsrc; echo in >tarsrc/in; chmod 600 tarsrc/in; mkdir tarsrc/d; tar --owner=11 --group=12 -C tarsrc -c . >plain.tar; gzip -k plain.tar; cp plain.tar.gz odd.name; bzip2 -k plain.tar 2>/dev/null || cp plain.tar plain.tar.bz2; xz -k plain.tar; zstd -q -k plain.tar; echo no >false.tar.gz; : >empty.tar.gz; python3 -c "import zipfile; zipfile.ZipFile('z.zip','w').write('top.txt')"; chmod 644 ./*.gz ./*.zip
build t <<'D'
ADD plain.tar /1
ADD plain.tar.gz /2/
ADD odd.name /3
ADD plain.tar.bz2 /4
ADD plain.tar.xz /5
ADD plain.tar.zst /6
ADD --chown=app plain.tar /7
ADD --unpack=false plain.tar.gz /8
ADD false.tar.gz empty.tar.gz z.zip top.txt /9/
D
check "ADD unpacks by content: tar, gz, bz2, xz, zst" "$(tree t | grep -E '^f 600 11:12 [1-6]/in$' | wc -l)" -eq 6
check "--chown reaches unpacked files; --unpack=false and false archives are copied" "$(tree t | grep -E ' ([789]$|[789]/)' | cut -d' ' -f1,3- | tr '\n' ';')" = "d 1000:2000 7;d 1000:2000 7/d;f 1000:2000 7/in;f 0:0 8;d 0:0 9;f 0:0 9/empty.tar.gz;f 0:0 9/false.tar.gz;f 0:0 9/top.txt;f 0:0 9/z.zip;"
python3 - <<'P'
import tarfile, io
t = tarfile.open('evil.tar', 'w')
def add(name, type=tarfile.REGTYPE, link='', data=b'evil'):
    i = tarfile.TarInfo(name); i.type = type; i.linkname = link; i.size = len(data) if type == tarfile.REGTYPE else 0; i.mode = 0o4777
    t.addfile(i, io.BytesIO(data) if type == tarfile.REGTYPE else None)
add('up', tarfile.SYMTYPE, '../../../../../../tmp'); add('up/minictr-evil'); add('../minictr-evil2'); add('abs', tarfile.SYMTYPE, '/tmp'); add('abs/minictr-evil3')
t.close()
t = tarfile.open('wh.tar', 'w'); add('.wh.passwd'); t.close()
P
build t <<'D'
ADD evil.tar /e
D
build t <<'D'
ADD --chown=0:0 plain.tar /own
ADD --chmod=711 plain.tar /mod
D
check "--chown=0:0 is an owner as any other; modes and the place itself are not the archive's to change" "$(tree t | tr '\n' ';')" = "d 755 0:0 own;d 700 0:0 own/d;f 600 0:0 own/in;d 755 0:0 mod;d 700 11:12 mod/d;f 600 11:12 mod/in;"
check "links and .. of an archive reach nothing outside" "$(ls -d /tmp/minictr-evil* "$T"/minictr-evil* 2>/dev/null | wc -l)" -eq 0
fails "a tar with .wh. names" "delete" <<'D'
ADD wh.tar /etc/
D
port=$(free_port); mkdir "$T/www"; echo served >"$T/www/file.txt"; cp plain.tar.gz "$T/www/a.tgz"; touch -d '2002-03-04 05:06:07 UTC' "$T/www/file.txt"
(cd "$T/www" && exec python3 -m http.server -b 127.0.0.1 "$port" >/dev/null 2>&1) & PIDS="$PIDS $!"
eventually 5 curl -s "http://127.0.0.1:$port/"
sum=$(sha256sum <"$T/www/file.txt" | cut -d' ' -f1)
build t <<D
ADD http://127.0.0.1:$port/file.txt http://127.0.0.1:$port/a.tgz?x=1 /u/
ADD --checksum=sha256:$sum --chmod=644 http://127.0.0.1:$port/file.txt /one
ADD --unpack=true http://127.0.0.1:$port/a.tgz /un
D
check "ADD URL: mode 600, name of the URL, not unpacked unless asked" "$(tree t | grep -v un/ | tr '\n' ';')" = "d 755 0:0 u;f 600 0:0 u/a.tgz;f 600 0:0 u/file.txt;f 644 0:0 one;d 755 0:0 un;"
check "its time is Last-Modified" "$(mc run --rm -e TZ=UTC t stat -c %y /u/file.txt)" "~" "^2002-03-04 05:06:07"
fails "a wrong --checksum" "but --checksum says" <<D
ADD --checksum=sha256:$(echo | sha256sum | cut -d' ' -f1) http://127.0.0.1:$port/file.txt /
D
fails "a URL that is not there" "404" <<D
ADD http://127.0.0.1:$port/none /x
D

# --- --exclude, --parents, --link ---
build t <<'D'
COPY --exclude=*.txt --exclude=sub/* src /ex
COPY --parents src/sub/s ./src/./sub/s /pa/
COPY --parents src/*/s /pb/
COPY --parents src/**/s s*c/**/1.txt a /pc/
COPY --link top.txt /etc/linked
COPY --link top.txt /tmp/new/linked
D
check "--exclude, --parents with and without /./" "$(tree t | cut -d' ' -f4 | grep -E '^(ex|p[abc])' | tr '\n' ' ')" = "ex ex/abs ex/dir.d ex/hard ex/link ex/sub ex/up pa pa/src pa/src/sub pa/src/sub/s pa/sub pa/sub/s pb pb/src pb/src/sub pb/src/sub/s pc pc/a pc/a/one pc/src pc/src/1.txt pc/src/sub pc/src/sub/s "
check "directories that --parents makes look as in the source" "$(mc run --rm -u 0 t stat -c %a /pc/a /pc/src | tr '\n' ' ')" = "700 755 "

build t <<'D'
RUN echo 1 >/other; mkdir -m 1777 /open
COPY --link top.txt /open/new/linked
COPY --link --chown=5:6 --from=busybox:1 /bin/busybox /open/tool
D
build t <<'D'
RUN echo 2 >/other; mkdir -m 1777 /open; touch /open/more
COPY --link top.txt /open/new/linked
COPY --link --chown=5:6 --from=busybox:1 /bin/busybox /open/tool
D
check "COPY --link is a hit on other layers below" "$(ran)" -eq 1
check "... and the tree is whole, with the directory's own mode" "$(mc run --rm t sh -c 'stat -c %a%u%g /open /open/new /open/tool | tr "\n" " "; cat /other /open/new/linked')" = "177700 75500 70056 2
root"
build t <<'D'
RUN echo 2 >/other; mkdir -m 700 /open; touch /open/more
COPY --link top.txt /open/new/linked
D
check "... a miss where the directory above it looks otherwise" "$(ran) $(mc run --rm t stat -c %a /open)" = "2 700"
build t <<'D'
RUN mkdir -p /else/where; ln -s else/where /open
COPY --link top.txt /open/new/linked
D
check "... or is a link, which gives way to a directory" "$(ran) $(mc run --rm t sh -c 'ls /else/where; cat /open/new/linked')" = "2 root"
for other in 1 2; do build t <<D
RUN echo $other >/other; mkdir -m 750 /kept
ADD --link plain.tar /kept/tar/
ADD --link --chown=app:grp plain.tar /kept/
COPY --link --chown=app top.txt /kept/n/
COPY --link --parents src/sub/s /kept/
D
done
check "ADD, names of owners and --parents with --link are hits, too" "$(ran)" -eq 1
check "... and the archive's owners and the image's directories stay" "$(mc run --rm -u 0 t stat -c %a:%u:%g:%n /kept /kept/tar /kept/tar/in /kept/in /kept/n/top.txt /kept/src/sub/s | tr '\n' ' ')" = "750:0:0:/kept 755:0:0:/kept/tar 600:11:12:/kept/tar/in 600:1000:3000:/kept/in 644:1000:2000:/kept/n/top.txt 600:0:0:/kept/src/sub/s "
build t <<'D'
RUN echo 3 >/other; mkdir -m 750 /kept; sed -i s/1000:2000/1001:2000/ /etc/passwd
COPY --link --chown=app top.txt /kept/n/
D
check "... a miss where the name is another number" "$(ran) $(mc run --rm -u 0 t stat -c %u /kept/n/top.txt)" = "2 1001"

# --- .dockerignore ---
mkdir -p ig/docs ig/a/b; for f in ig/x.log ig/docs/r.md ig/docs/keep.md ig/a/y.log ig/a/b/z.log ig/' # odd' ig/top; do echo 1 >"$f"; done; cd ig || exit 1
printf '\357\273\277*.log\r\n# comment\r\n/docs/\r\n!docs/keep.md\r\n\r\n**/z.log\r\n./top\r\n' >.dockerignore
build t <<'D'
COPY . /i
D
check ".dockerignore: anchored, BOM and CRLF, ** , ! below an excluded directory, cleaned paths" "$(tree t | cut -d' ' -f4- | tr '\n' ';')" = "i;i/ # odd;i/.dockerignore;i/a;i/a/b;i/a/y.log;i/docs;i/docs/keep.md;"
fails "an ignored source names the rule" "dockerignore:1 .\*.log. leaves it out" <<'D'
COPY x.log /
D
printf '*\n!a/b\n' >.dockerignore; build t <<'D'
COPY . /i
D
check "* then !a/b" "$(tree t | cut -d' ' -f4- | tr '\n' ';')" = "i;i/a;i/a/b;i/a/b/z.log;"
cp "$T/Dockerfile" Own; echo 'a' >Own.dockerignore; mc build -q -f Own -t t . >/dev/null
check "NAME.dockerignore beside the Dockerfile wins, alone" "$(tree t | grep -c x.log)$(tree t | grep -c ' i/a')" = 10
cd .. || exit 1

# --- the key ---
build k <<'D'
COPY src /k
D
touch src/1.txt; chown 12:13 src/2.txt; chmod 4755 src/2.txt
build k <<'D'
COPY src /k
D
check "new times and owners in the context: a hit" "$(ran)" -eq 0
miss() { build k <<'D'
COPY src /k
D
check "a miss: $1" "$(ran)" -eq 1; }
chmod 600 src/2.txt; miss "a mode"
mv src/2.txt src/3.txt; miss "a name"
printf 'S\n' >src/sub/s; miss "a byte, same size"
mkdir src/empty; miss "an empty directory"
chmod 711 src/dir.d; miss "a directory's mode"
ln -sfn sub src/link; miss "a link's text"
touch -d '2001-01-01' "$T/stamp"; printf 'Z\n' >src/sub/s; touch -r "$T/stamp" src/sub/s; miss "a byte, with the time set back"
echo unrelated >newfile
build k <<'D'
COPY   src   /k
D
check "an unrelated file, other spacing: a hit" "$(ran)" -eq 0
check "an empty context says so" "$(printf 'FROM busybox:1\nCOPY x /\n' | mc build - 2>&1)" "~" "no build context"
