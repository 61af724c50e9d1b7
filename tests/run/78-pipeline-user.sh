#!/bin/sh
# 78-pipeline-user.sh - a pipeline of an ordinary user: files handed on, jobs of other ids, caches; services are refused in words.
. "$(dirname "$0")/lib.sh"; . "$(dirname "$0")/user.sh"
need_root
needs git setpriv newuidmap || skip_all "git, setpriv or newuidmap is not installed"
plan 6
make_user
cleanup() { end_user; }
u internal starter >/dev/null 2>&1
cat >"$T/user/home/ci.yml" <<'E'
default: {image: busybox}
stages: [a, b]
make: {stage: a, script: [echo made >out, id -u], artifacts: {paths: [out]}, cache: {key: k, paths: [out]}}
other: {stage: b, image: {name: busybox, docker: {user: "1234"}}, script: [cat out, id -u, echo x >mine]}
E
user sh -c 'mkdir p && cd p && git init -q -b main . && git config user.email a@example.org && git config user.name u && cp ../ci.yml .gitlab-ci.yml && git add . && git commit -qm x'
user sh -c 'cd p && minictr pipeline run' >"$T/out" 2>"$T/err"; check "it passes" $? = 0
check "artifacts arrive, for a job of another id, too" "$(grep -E '^other *\| (made|1234)' "$T/out" | sed 's/.*| //' | tr '\n' ' ')" = "made 1234 "
user sh -c 'cd p && minictr pipeline run' >"$T/out" 2>"$T/err"; check "again, with a cache" "$? $(grep -c 'Cache k restored' "$T/out")" = "0 1"
user sh -c 'cd p && minictr pipeline ls' >"$T/out" 2>&1; check "ls" "$(grep -c success "$T/out")" -eq 2
user sh -c 'cd p && printf "a: {image: busybox, services: [busybox], script: [x]}\n" >.gitlab-ci.yml && git commit -qam s && minictr pipeline run' >"$T/out" 2>"$T/err"
check "services need root's networks, and a sentence says so" "$(cat "$T/out")" "~" 'services need a network'
user sh -c 'cd p && minictr pipeline prune --keep 0' >"$T/out" 2>&1; check "old runs can be removed" "$(user sh -c 'cd p && minictr pipeline ls' | wc -l)" -eq 1
