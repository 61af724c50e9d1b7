#!/bin/sh
# 77-pipeline-publish.sh - the loop closes: a small C project is built, tested, published to our registry and deployed with
# compose, by one pipeline; and what a job may not do through the engine's door.
. "$(dirname "$0")/lib.sh"
need_root
needs git gcc dpkg || skip_all "git, gcc or dpkg is not installed"
plan 17
starter_images
ip link set lo up 2>/dev/null
# A compiler as an image, of the files that this machine's packages installed: what a Debian tree would hold, without a download.
compiler() {
	packages=$(dpkg-query -W -f '${Package}\n' | grep -E '^(gcc|cpp|gcc-[0-9]+|cpp-[0-9]+|gcc-[0-9]+-.*linux-gnu|cpp-[0-9]+-.*linux-gnu|binutils|binutils-.*linux-gnu|libc6|libc6-dev|linux-libc-dev|libgcc-[0-9]+-dev|libgcc-s1|libbinutils|libctf0|libctf-nobfd0|libsframe1|libisl23|libmpc3|libmpfr6|libgmp10|zlib1g|libzstd1|libjansson4)$')
	dpkg -L $packages | grep -vE '^/usr/share|/(lto1|lto-dump|g.*-lto-dump.*|lib[alt]*san.*|gprofng.*)$|^/usr/bin/.*(gp-|dwp|gold)' | sed -E 's,^/(bin|sbin|lib|lib64)/,/usr/\1/,' | sort -u >"$T/list"
	mkdir "$T/tree"; for d in bin sbin lib lib64; do mkdir -p "$T/tree/usr/$d"; ln -s "usr/$d" "$T/tree/$d"; done
	while read -r f; do { [ -d "$f" ] && [ ! -L "$f" ]; } || printf '%s\n' "${f#/}"; done <"$T/list" >"$T/files"
	(cd / && tar -cf - --ignore-failed-read -T "$T/files" 2>/dev/null) | tar -xf - -C "$T/tree"
	cp "$(command -v busybox)" "$T/tree/usr/bin/busybox"
	for a in sh ls cat rm mkdir cp mv grep sed echo env; do ln -s busybox "$T/tree/usr/bin/$a"; done
	mkdir -p "$T/tree/tmp" "$T/tree/etc"; ldconfig -r "$T/tree" 2>/dev/null
	chroot "$T/tree" gcc --version >/dev/null 2>&1 || return 1
	tar -C "$T/tree" -cf - . | mc import - localhost/gcc:12 >/dev/null; rm -rf "$T/tree"
}
compiler || skip_all "the compiler's packages are not those of Debian"
R=$(free_port)
MINICTR_ROOT=$T/registry background "$BIN/minictr" registry serve -q --addr "127.0.0.1:$R"
P=$T/calc; mkdir "$P"; cd "$P" || exit 1
git init -q -b main . && git config user.email a@example.org && git config user.name ana
cat >calc.c <<'E'
#include <stdio.h>
#include "calc.h"
int main(void) { printf("6 * 7 = %d, version %s\n", multiply(6, 7), VERSION); return 0; }
E
echo 'int multiply(int a, int b);' >calc.h
printf '#include "calc.h"\nint multiply(int a, int b) { return a * b; }\n' >multiply.c
printf '#include "calc.h"\nint main(void) { return multiply(6, 7) == 42 ? 0 : 1; }\n' >test.c
printf 'FROM scratch\nCOPY calc /calc\nENTRYPOINT ["/calc"]\n' >Dockerfile
printf 'name: calc\nservices: {app: {image: "$DEPLOYED"}}\n' >compose.yaml
cat >.gitlab-ci.yml <<'E'
stages: [build, test, publish, deploy]
default: {image: "localhost/gcc:12"}
variables: {IMAGE: "$CI_REGISTRY_IMAGE:$CI_COMMIT_SHORT_SHA"}
compile:
  stage: build
  script: ['gcc -O2 -static -DVERSION="\"$CI_COMMIT_SHORT_SHA\"" -o calc calc.c multiply.c']
  artifacts: {paths: [calc]}
unit:
  stage: test
  script: [gcc -o unit test.c multiply.c, ./unit, 'echo "<testsuite/>" >r.xml']
  artifacts: {reports: {junit: r.xml}}
smoke: {stage: test, image: busybox, needs: [compile], script: ["./calc | grep 42"]}
publish:
  stage: publish
  image: busybox
  services: ["docker:dind"]
  script:
    - echo secret | docker login -u me --password-stdin $CI_REGISTRY || true
    - docker build -t $IMAGE .
    - docker push $IMAGE
deploy:
  stage: deploy
  image: busybox
  variables: {MINICTR_ENGINE: "true"}
  script: [export DEPLOYED=$IMAGE, minictr compose up -d]
E
git add -A; git commit -qm "calc"
run() { mc pipeline run --registry "localhost:$R" "$@" >"$T/out" 2>"$T/err" </dev/null; }
status() { awk -v j="$1" '$2 == j {print $3}' "$T/out"; }
home=$HOME; before=$(cat "$home/.docker/config.json" 2>/dev/null | cksum)
run; check "without leave no job gets the engine" "$? $(status publish) $(status smoke)" = "1 failed success"
check "and the way is told" "$(cat "$T/out")" "~" 'pipeline run --engine'
run --deploy; check "build, test, publish, deploy" "$? $(for j in compile unit smoke publish deploy; do status $j; done | tr '\n' ' ')" = "0 success success success success success "
sha=$(git rev-parse --short=8 HEAD)
check "the image is in the registry" "$(busybox wget -q -O - "http://127.0.0.1:$R/v2/local/calc/tags/list")" "~" "$sha"
eventually 5 sh -c '"$BIN/minictr" logs calc-app-1 | grep -q 42'
check "what compose runs is what was compiled" "$(mc logs calc-app-1)" = "6 * 7 = 42, version $sha"
MINICTR_ROOT=$T/other; export MINICTR_ROOT
check "another machine runs it from the registry" "$(mc run --rm "localhost:$R/local/calc:$sha" 2>/dev/null)" = "6 * 7 = 42, version $sha"
[ -z "$(mc ps -aq)" ] || mc rm -f $(mc ps -aq) >/dev/null
MINICTR_ROOT=$T/root; export MINICTR_ROOT
check "a login ends with its job" "$(cat "$home/.docker/config.json" 2>/dev/null | cksum)" = "$before"
mc compose -p calc down >/dev/null 2>&1
sed -i 's/a \* b/a + b/' multiply.c; git commit -qam wrong
run --deploy; check "a wrong change stops at its test" "$? $(status unit) $(status publish) $(status deploy)" = "1 failed skipped skipped"
check "and is not published" "$(busybox wget -q -O - "http://127.0.0.1:$R/v2/local/calc/tags/list")" "!~" "$(git rev-parse --short=8 HEAD)"

# --- what the door refuses ---
printf 'FROM busybox\nCOPY . /x\n' >Dockerfile; mkdir sub; printf 'FROM busybox\nRUN echo $A >/a\n' >sub/Other; ln -s /etc/passwd sub/Dockerfile; ln -s / sub/up
cat >.gitlab-ci.yml <<'E'
default: {image: busybox}
variables: {MINICTR_ENGINE: "true", LD_PRELOAD: "/builds/x.so", A: "of the job"}
a:
  script:
    - for w in "run -v /:/h busybox true" "build /" "build .." "build -f /etc/passwd ." "build sub" "build -t up sub/up" "build --network host ." "build -o /etc ." "compose up" "exec x" "build --secret id=x,src=/etc/shadow ." "--root /x ps"; do r=0; docker $w >o 2>&1 || r=$?; echo "$w -> $r"; done
    - export X=exported; cd sub && docker build -t byarg -f Other --build-arg X --build-arg A=given . >/dev/null 2>&1; echo "from a directory $?"
    - docker buildx create --use --name b >/dev/null && docker buildx ls >/dev/null && echo builders
    - docker images -q byarg | wc -l
    - ls /proc/1/root/minictr-job/bin
E
git add -A; git commit -qm door
run --engine; sed -n 's/^a *| //p' "$T/out" >"$T/a"
check "the job ends well" "$(status a)" = success
check "nothing that could reach the host passes" "$(grep -c -- '-> 125' "$T/a") $(grep -c -- '-> 0' "$T/a")" = "10 2"
check "a link to / and .. mean the work tree itself" "$(mc run --rm up ls /x | grep -cE "^(calc.c|proc)$")" -eq 1
check "a build below the work tree does" "$(cat "$T/a")" "~" '^from a directory 0$'
check "scripts that make a builder go on" "$(grep -c '^builders' "$T/a")" -eq 1
check "images of the engine are seen" "$(cat "$T/a")" "~" '^1$'
printf 'default: {image: busybox}\nb: {script: [docker ps, echo never]}\n' >.gitlab-ci.yml; git commit -qam plain
run --engine; check "a job that does not ask has no docker" "$? $(cat "$T/out")" "~" 'exit status 127 of: docker ps'
check "nothing is left" "$(mc ps -aq | wc -l)" -eq 0
