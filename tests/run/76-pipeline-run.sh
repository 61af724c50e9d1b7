#!/bin/sh
# 76-pipeline-run.sh - jobs as they run: what each sees, what it hands on, what comes after a failure, caches, variables,
# services, retry, timeout, Ctrl-C, resume. The rows are mistakes that local runners really made ("gcl" is gitlab-ci-local).
. "$(dirname "$0")/lib.sh"
need_root
needs git || skip_all "git is not installed"
plan 71
starter_images
ip link set lo up 2>/dev/null
P=$T/p; mkdir -p "$P"; cd "$P" || exit 1
git init -q -b main . && git config user.email a@example.org && git config user.name ana
pl() { mc pipeline "$@"; }
ci() { { echo 'default: {image: busybox}'; cat; } >.gitlab-ci.yml; git add -A && git commit -qm x; }
run() { pl run "$@" >"$T/out" 2>"$T/err" </dev/null; }
out() { sed -n "s/^$1 *| //p" "$T/out"; }
status() { awk -v j="$1" '$2 == j {print $3}' "$T/out"; }

# --- artifacts, workspace, dotenv, variables ---
echo tracked >file; echo secret >not-tracked; echo not-tracked >.gitignore; chmod 755 file
ci <<'E'
stages: [build, test, end]
variables: {ROOT: "root $CI_COMMIT_BRANCH", OVER: root, NESTED: "$ROOT!", LOOP: $LOOP2, LOOP2: $LOOP, TWO: "${A_${B}}", B: in, DOLLAR: $$ROOT}
make:
  stage: build
  variables: {OVER: job}
  script:
    - mkdir -p out/deep && echo made >out/deep/a && echo no >out/b.tmp && echo apart >other
    - ln -s /etc/shadow out/leak
    - echo "$ROOT|$OVER|$NESTED|$DOLLAR|$TWO|$CI_PROJECT_DIR|$CI_JOB_NAME|$CI_JOB_STAGE"
    - echo "VERSION=1.2" >v.env
    - ls -A; echo changed >file
  artifacts: {paths: [out/, missing], exclude: [out/*.tmp], reports: {dotenv: v.env}}
  after_script: ['echo "after: $CI_JOB_STATUS $(cat file)"']
get:
  stage: test
  needs: [{job: make}]
  variables: {FULL: "v$VERSION"}
  script: ['cat out/deep/a file; ls out; test -e other || echo no-other; echo "$VERSION $FULL"']
none:
  stage: test
  dependencies: []
  script: ['test -e out || echo clean; echo "[$VERSION]"']
free:
  stage: test
  needs: []
  script: ['test -e out || echo at-once']
narrow: {stage: end, needs: [{job: make, artifacts: false}], script: ['test -e out || echo nothing-came']}
E
exits 0 "a pipeline" pl run
check "a job sees what git tracks, and nothing else" "$(out make | grep -A3 '^\$ ls -A' | grep -v '\$' | tr '\n' ' ')" "~" '^\.gitignore \.gitlab-ci\.yml file '
check "what is not tracked is told of" "$(cat "$T/err")" "!~" 'not-tracked'
check "variables: ranks, nesting, \$\$, \${A_\${B}}" "$(out make | grep '^root')" = 'root main|job|root main!|$ROOT|${A_in}|/builds/local/p|make|build'
check "artifacts arrive, also by {job:} (gcl 722); the excluded and the rest do not" "$(out get | grep -v '[$]' | sed -n '/^made/,/^no-other/p' | tr '\n' ' ')" = "made tracked deep no-other "
check "a link out of the work tree is no artifact" "$(out make)" "~" 'out/leak is a link out of the work tree'
check "a missing path is a warning (gcl 120)" "$(out make)" "~" 'missing: no matching files'
check "dotenv variables are there before the job's own are expanded (gcl 772 1492)" "$(out get)" "~" '^1.2 v1.2$'
check "dependencies: [] brings nothing" "$(out none | grep -v '[$]')" "~" 'clean'
check "nor variables" "$(out none)" "~" '^\[\]$'
check "needs: [] starts at once and gets nothing" "$(out free)" "~" '^at-once$'
check "artifacts: false" "$(out narrow)" "~" '^nothing-came$'
check "after_script sees the work tree and the result" "$(out make)" "~" '^after: success changed$'
check "the user's tree is as it was (gcl 125)" "$(cat file; git status --porcelain)" = tracked
check "nothing is left but the record" "$(mc ps -aq | wc -l) $(ls "$MINICTR_ROOT/pipelines" | wc -l)" = "0 1"
check "logs are kept" "$(pl logs get)" "~" '^made$'
pl artifacts make "$T/copied"; check "artifacts can be taken out" "$(cat "$T/copied/out/deep/a")" = made
check "JUnit" "$(python3 -c 'import sys,xml.dom.minidom as m; print(len(m.parse(sys.argv[1]).getElementsByTagName("testcase")))' "$MINICTR_ROOT"/pipelines/*/1/junit.xml)" = 5
check "ls" "$(pl ls | awk 'NR==2 {print $1, $2}')" = "1 success"

# --- failures ---
ci <<'E'
stages: [one, two, three]
bad:
  stage: one
  script: ["echo begins; echo kept >kept", "sh -c 'exit 7'", "echo never"]
  after_script: ["echo tidies $CI_JOB_STATUS"]
  artifacts: {paths: [kept], when: always}
beside: {stage: one, script: [sleep 0.3]}
pipe: {stage: one, script: ["false | true", "echo past"], allow_failure: true}
three: {stage: one, script: [exit 3], allow_failure: {exit_codes: [3, 4]}}
four: {stage: one, script: [exit 5], allow_failure: {exit_codes: [3, 4]}}
next: {stage: two, script: [echo next]}
rescue: {stage: two, when: on_failure, script: [cat kept; echo rescued]}
always: {stage: three, when: always, script: [echo always]}
free: {stage: three, needs: [beside], script: [echo free]}
after_bad: {stage: three, needs: [bad], script: [echo x]}
E
exits 1 "a failed job fails the pipeline" pl run
check "the command that failed is named with its place" "$(cat "$T/out")" "~" "bad +failed .*\.gitlab-ci\.yml:5:44: exit status 7 of: sh -c 'exit 7'"
check "nothing behind it runs" "$(out bad)" "!~" '^never$'
check "after_script runs after a failure" "$(out bad)" "~" '^tidies failed$'
check "what can follow, and what cannot" "$(for j in beside next rescue always free after_bad; do status $j; done | tr '\n' ' ')" = "success skipped success success success skipped "
check "allow_failure by exit code" "$(status three) $(status four)" = "warning failed"
check "artifacts with when: always come from a failed job (gcl 662)" "$(out rescue)" "~" '^kept$'
check "docker without a service that asks for an engine: the way is told" "$(printf 'default: {image: busybox}\na: {script: [docker build .]}\n' >.gitlab-ci.yml; run; cat "$T/out")" "~" 'docker build . .a job gets an engine with services: .docker:dind'
check "a tool that the image lacks is missing, whatever the host has" "$(printf 'default: {image: busybox}\na: {script: [git --version]}\n' >.gitlab-ci.yml; run; echo $?; status a; cat "$T/out")" "~" 'exit status 127 of: git --version .is it in the image busybox'

# --- caches (gcl 233 857 898 313 196) ---
ci <<'E'
variables: {K: one}
a:
  script: ['cat dep/x 2>/dev/null || echo cold', 'mkdir -p dep/sub; echo "$CI_PIPELINE_ID" >dep/x; echo s >dep/sub/y']
  cache: {key: "$K", paths: [dep/]}
  artifacts: {paths: [dep/sub/y]}
b: {needs: [a], script: [ls dep/sub; test -e dep/x || echo no-cache], cache: {key: other}}
c: {needs: [a], script: [cat dep/x; echo changed >dep/x], cache: {key: one, paths: [dep/], policy: pull}}
f: {needs: [c], script: [echo f >g], cache: {key: {files: [file]}, paths: [g]}}
E
run; check "a cache is cold first" "$(out a)" "~" '^cold$'
check "a path in a cached directory can be an artifact; a cache without paths is none" "$(out b | grep -v '[$]' | tr '\n' ' ')" "~" 'y no-cache'
check "another job finds it in the same run" "$(out c | grep -v '[$]')" "~" '^[0-9]+$'
run; check "and the next run; policy pull has not changed it" "$(out a | grep -E '^[0-9]+$')" = "$(($(pl ls | awk 'NR==2 {print $1}') - 1))"
check "a key of files" "$(out f)" "~" 'Cache [0-9a-f]{16} restored'

# --- ranks of variables, rules:variables, scopes (gcl 429 527 1833 931) ---
printf 'P: project\nS: {values: {"*": all, prod: only}}\n' >.gitlab-ci-local-variables.yml
ci <<'E'
variables: {P: root, R: root, W: root, S: none}
workflow: {rules: [{if: $CI, variables: {W: workflow, J: workflow}}]}
a:
  variables: {P: job, R: job, J: job, CI_JOB_NAME: forged}
  rules: [{if: $CI, variables: {R: rule}}]
  script: ['echo "$P $R $W $J $CI_JOB_NAME $S"']
prod: {environment: {name: prod, url: "https://$CI_ENVIRONMENT_SLUG.example.org"}, script: ['echo "$S $CI_ENVIRONMENT_NAME $CI_ENVIRONMENT_URL"']}
pre: {environment: preprod, script: ['echo "$S"']}
E
run; check "project > rule > job > workflow > root; a job cannot be given another name" "$(out a | grep -v '[$]' | grep a)" "~" '^project rule workflow job a all$'
check "scopes are whole names" "$(out prod | grep only) $(out pre | grep -c '^all$')" = "only prod https://prod.example.org 1"
run -e P=given a; check "what is given at the start wins, and only the named job runs" "$(out a | grep given) $(status prod)" = "given rule workflow job a all skipped"
rm .gitlab-ci-local-variables.yml

# --- retry, timeout, services, manual, parallel jobs overlap ---
ci <<'E'
cover: {script: ['echo "lines: 12 of 15, 80.5% covered"'], coverage: '/\d+\.\d+% covered/'}
flaky: {retry: 1, script: ['echo try; exit 9']}
slow: {timeout: 1s, script: [sleep 30], after_script: [echo tidied]}
db:
  services: [{name: busybox, alias: db, command: [sh, -c, 'mkdir /w; echo "$WHO" >/w/index.html; exec httpd -f -p 80 -h /w'], variables: {WHO: "db of $CI_JOB_NAME"}}, {name: "busybox:latest", alias: "two", command: [sleep, "100"]}]
  script: ['for i in 1 2 3 4 5 6 7 8 9; do wget -q -O - http://db/ && break; sleep 0.2; done', 'ping -c1 -W2 two >/dev/null && ping -c1 -W2 busybox >/dev/null && echo both']
hand: {when: manual, script: [echo by hand]}
entry: {image: {name: busybox, entrypoint: ["/bin/sh", "-c", 'echo entry "$@"', "--"]}, script: [echo body]}
user: {image: {name: busybox, docker: {user: "1234"}}, script: ['id -u; echo w >w; mkdir d; echo x >>file']}
E
exits 1 "failures of several kinds" pl run -j 6
check "coverage" "$(cat "$T/out")" "~" 'cover +success .*coverage 80.5%'
check "retry tries again" "$(out flaky | grep -c '^try$')" -eq 2
check "a timeout ends the script, and after_script runs" "$(cat "$T/out")" "~" 'slow +failed .*longer than its timeout of 1 seconds'
check "after_script" "$(out slow)" "~" '^tidied$'
check "a service by its alias, with the job's variables; two of one image (gcl 432 649)" "$(out db)" "~" '^db of db$'
check "each is reached by its own name" "$(out db)" "~" '^both$'
check "image:entrypoint" "$(out entry)" "~" '^entry sh -c'
check "a job that is not root can write its work tree" "$(status user) $(out user | grep -c '^1234$')" = "success 1"
check "a manual job waits" "$(status hand) $(grep -c "hand waits for you" "$T/out")" = "manual 1"
run --resume hand; check "and runs when it is named" "$(out hand | grep -c '^by hand$') $(status db)" = "1 success"
check "what succeeded is not run again" "$(out db | grep -c wget)" -eq 0
check "networks and containers are gone" "$(mc ps -aq | wc -l) $(mc network ls -q | wc -l)" = "0 3"

# --- a service that never answers; artifacts of an earlier try; the repository ---
printf 'FROM busybox\nEXPOSE 7777\nCMD ["sh","-c","echo I am deaf; sleep 100"]\n' | mc build -q -t deaf - >/dev/null
ci <<'E'
d: {services: [deaf], script: [echo went on]}
again: {retry: 1, script: ['echo x >art; exit 1'], artifacts: {paths: [art], when: on_success}, allow_failure: true}
head: {script: [cat .git/HEAD .git/config]}
E
git config remote.origin.url https://ana:TOKEN1@example.org/x.git; git config http.https://example.org/.extraheader 'Authorization: TOKEN2'; git config url.https://TOKEN3@example.org/.insteadOf https://example.org/
run --service-timeout 1 --git; check "a port that never opens is a warning, with the service's words (gcl 1796)" "$(out d | tr '\n' ' ')" "~" 'its port does not answer.*I am deaf.*went on'
check "--git: the repository is there" "$(out head | grep -c refs/heads/main)" -eq 1
check "... without the passwords in its configuration" "$(out head | grep -c 'url = https://example.org/x.git') $(out head | grep -c TOKEN)" = "1 0"
git config --unset remote.origin.url; git config --remove-section url.https://TOKEN3@example.org/
check "a failed job stores nothing that was not asked for (gcl 1568)" "$(pl artifacts again "$T/none" 2>&1)" "~" 'has stored no artifacts'

ci <<'E'
gone: {image: "127.0.0.1:1/none:1", script: [x]}
empty: {image: "$NOTHING", script: [x]}
E
run; check "an image that cannot be had is named" "$(cat "$T/out")" "~" 'gone +failed .*image 127.0.0.1:1/none:1 could not be fetched'
check "an image of empty variables, too, with its place" "$(cat "$T/out")" "~" 'empty +failed .*gitlab-ci.yml:3:16: job empty names no image'

# --- a tag moves while the pipeline runs: all jobs have one image ---
mc build -q -t moving - >/dev/null <<'E'
FROM busybox
RUN echo old >/which
E
ci <<'E'
stages: [a, b]
first: {stage: a, image: moving, script: [cat /which, 'while [ ! -e /minictr-job/go ]; do sleep 0.1; done']}
second: {stage: b, image: moving, script: [cat /which]}
E
background "$BIN/minictr" pipeline run >"$T/out" 2>"$T/err" </dev/null
eventually 10 grep -q '| old' "$T/out"
printf 'FROM busybox\nRUN echo new >/which\n' | mc build -q -t moving - >/dev/null
: >"$(ls -d "$MINICTR_ROOT"/pipelines/*/*/jobs/0/ctl | sort -V | tail -1)/go"; wait $BG
check "the tag means another image now" "$(mc run --rm moving cat /which)" = new
check "both jobs ran the first one" "$(out first | grep old) $(out second | grep -E '^(old|new)$')" = "old old"

# --- a crash, and Ctrl-C ---
ci <<'E'
stages: [a, b]
done: {stage: a, script: [echo ran >r], artifacts: {paths: [r]}}
long: {stage: b, script: ['cat r; echo started; if [ -z "$QUICK" ]; then sleep 60; fi']}
E
last() { pl ls | awk 'NR==2 {print $1, $2}'; }
background "$BIN/minictr" pipeline run >"$T/out" 2>"$T/err" </dev/null
eventually 10 grep -q '| started' "$T/out"
exits 1 "a run that goes on cannot be resumed" pl run --resume
kill -KILL $BG; wait $BG 2>/dev/null
check "a crash is seen" "$(last | cut -d' ' -f2)" = crashed
background "$BIN/minictr" pipeline run --resume >"$T/out" 2>"$T/err" </dev/null
eventually 10 grep -q '| started' "$T/out"
check "resumed: the first job is not run again, its artifact is there" "$(out done | wc -l) $(out long | grep -c '^ran$')" = "0 1"
check "the container of the crash is gone" "$(mc ps -q | wc -l)" -eq 1
kill -INT $BG; wait $BG; check "Ctrl-C" $? = 130
check "leaves nothing" "$(mc ps -aq | wc -l) $(last | cut -d' ' -f2) $(grep -c 'canceled .*the run was ended by a signal' "$T/out")" = "0 canceled 1"
exits 0 "two runs at once" sh -c '"$BIN/minictr" pipeline run -e QUICK=1 >/dev/null 2>&1 & "$BIN/minictr" pipeline run -e QUICK=1 >/dev/null 2>&1; r=$?; wait $! && exit $r'
exits 0 "old runs go" pl prune --keep 1
check "one is left" "$(pl ls | wc -l)" -eq 2
check "system df counts runs and caches" "$(mc system df --format '{{.Type}} {{.TotalCount}} {{.Size}}' | tail -1)" "~" '^Pipelines 1 [0-9.]+[kM]B$'
exits 0 "all of it goes" pl prune --keep 0 --cache
check "no file is left" "$(find "$MINICTR_ROOT/pipelines" -type f | grep -vc lock)" -eq 0
exits 1 "no such job" pl run nothing
check "is said" "$(cat "$T/err")" "~" 'there is no job nothing'
