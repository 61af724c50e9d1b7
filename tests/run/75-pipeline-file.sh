#!/bin/sh
# 75-pipeline-file.sh - what a .gitlab-ci.yml means, before anything runs: include, extends, references, rules, needs, keys.
# The rows are mistakes that local runners of GitLab files really made (gitlab-ci-local is "gcl").
. "$(dirname "$0")/lib.sh"
needs git || skip_all "git is not installed"
plan 76
P=$T/p; mkdir -p "$P/ci"; cd "$P" || exit 1
git init -q -b main . && git config user.email a@example.org && git config user.name ana
pl() { mc pipeline "$@"; }
ci() { cat >.gitlab-ci.yml; }
commit() { git add -A && git commit -qm "$1"; }
# says JOB WORDS...: the merged file has it
merged() { pl lint --merged "$@" 2>/dev/null; }
absent() { pl explain "$@" 2>/dev/null | grep -q 'not in the pipeline' && echo absent || echo present; }

# --- reading ---
ci <<'E'
build: {script: [make], image: busybox}
E
commit one
exits 0 "a valid file" pl lint
check "is told" "$(cat "$T/out")" = ".gitlab-ci.yml: valid, 1 job in 3 stages"
printf 'a: {script: [x]\nb: 1\n' >.gitlab-ci.yml
exits 1 "broken YAML" pl lint
check "has its place" "$(cat "$T/err")" "~" '\.gitlab-ci\.yml:2:'
printf 'a:\n  script: [x]\n  scirpt: [y]\n' >.gitlab-ci.yml
exits 1 "an unknown key" pl lint
check "is named with its place, and the nearest one" "$(cat "$T/err")" "~" '\.gitlab-ci\.yml:3:11: job a: unknown key scirpt'
check "the nearest" "$(cat "$T/err")" "~" 'did you mean script'
printf 'a:\n  script: [x]\n  tags: [big]\n' >.gitlab-ci.yml
exits 0 "a key that changes nothing here" pl lint
check "is named, too" "$(cat "$T/err")" "~" 'WARNING.*:3:9: job a: tags: this machine is the only runner'
printf 'a:\n  script:\n    - echo one: two\n' >.gitlab-ci.yml
exits 1 "a colon that makes a map of a command" pl lint
check "gets the hint" "$(cat "$T/err")" "~" ':3:7: .*a string was expected'
printf 'a:\n  script: [x]\n  script: [y]\n' >.gitlab-ci.yml
check "a key that stands twice: the last counts, and its place is told" "$(pl lint --merged 2>&1 | tr -d '\n')" "~" ':3:3: key "script" is already at line 2.*- "y"'
printf 'a: {script: [x], trigger: other/project}\n' >.gitlab-ci.yml
exits 0 "a trigger" pl lint
check "is named as left out" "$(cat "$T/err")" "~" 'trigger: other pipelines are not started'
printf 'a: {script: [x], needs: [b]}\nb: {script: [x], needs: [c]}\nc: {script: [x], needs: [a]}\n' >.gitlab-ci.yml
exits 1 "a circle of needs" pl lint
check "is a circle that is there" "$(cat "$T/err")" "~" 'a -> b -> c -> a'
printf '.x: {extends: .y}\n.y: {extends: .x}\na: {extends: .x, script: [x]}\n' >.gitlab-ci.yml
exits 1 "a circle of extends" pl lint
check "likewise" "$(cat "$T/err")" "~" 'extends: a circle: \.x -> \.y -> \.x'
printf 'include: {remote: "https://example.org/x.yml"}\n' >.gitlab-ci.yml
exits 1 "an include from elsewhere" pl lint
check "says what to do" "$(cat "$T/err")" "~" 'include it as .local:'
printf 'include: ../../../etc/passwd\n' >.gitlab-ci.yml
exits 1 "an include never leads out of the project" pl lint
check "and there is no such file in it" "$(cat "$T/err")" "~" 'there is no file'

# --- include, extends, !reference, anchors (gcl 231 644 890 899 954 787 119) ---
cat >ci/parts.yml <<'E'
include: /ci/more.yml
.setup:
  script: [echo setup]
  image: busybox
.deep: {variables: {A: "1", B: "2"}, script: [echo deep]}
E
printf '.nested: {script: [echo nested, !reference [.setup, script]]}\n' >ci/more.yml
ci <<'E'
include: ['ci/p*.yml']
default:
  image: !reference [.setup, image]
  before_script: [!reference [.setup, script]]
job:
  extends: .deep
  variables: {B: "3", C: "4"}
  script: [!reference [.nested, script], echo own]
E
commit two
check "references nest, across files, and are one list" "$(merged | sed -n '/^job:/,$p' | grep -A4 '  script:' | tr -d ' \n')" "~" 'script:-echonested-echosetup-echoown'
check "a reference in default" "$(merged | sed -n '/^job:/,$p' | grep -A1 'before_script' | tr -d ' \n')" = "before_script:-echosetup"
check "and in image" "$(merged | sed -n '/^job:/,$p' | grep 'image:' | tr -d ' ')" = "image:busybox"
check "extends merges maps deeply" "$(merged | sed -n '/^job:/,$p' | grep -A3 variables: | tr -d ' "\n')" = "variables:A:1B:3C:4"
ci <<'E'
.x: &x {variables: {A: "1"}, script: [x], image: busybox}
job: {<<: *x, variables: {B: "2"}}
E
check "an anchor merges shallowly" "$(merged | sed -n '/^job:/,$p' | grep -A2 variables: | tr -d ' "\n')" = "variables:B:2"

# --- rules ---
ci <<'E'
default: {image: busybox}
main_only: {script: [x], rules: [{if: '$CI_COMMIT_BRANCH == "main"'}]}
tag_only: {script: [x], rules: [{if: $CI_COMMIT_TAG}]}
pattern: {script: [x], rules: [{if: '$CI_COMMIT_BRANCH =~ /^(MA|x)\w{2}$/i && ($NONE == null || $NONE)'}]}
negative: {script: [x], rules: [{if: '$CI_COMMIT_BRANCH !~ /^ma/'}, {when: never}]}
changed: {script: [x], rules: [{changes: [src/**/*.c]}]}
unchanged: {script: [x], rules: [{changes: ["doc/*.{md,txt}"]}]}
there: {script: [x], rules: [{exists: ["**/*.c"]}]}
first_wins: {script: [x], rules: [{if: $CI, when: never}, {when: always}]}
old_main: {script: [x], only: [main]}
old_tags: {script: [x], only: [tags]}
old_except: {script: [x], except: [/^ma.*$/]}
old_vars: {script: [x], only: {variables: ['$CI_COMMIT_BRANCH == "main"']}}
plain: {script: [x]}
E
mkdir -p src/a; echo 'int x;' >src/a/x.c; commit three
check "rules: a branch" "$(absent main_only) $(absent tag_only)" = "present absent"
check "the same as if a tag were checked out" "$(absent --tag v1 main_only) $(absent --tag v1 tag_only)" = "absent present"
check "a pattern with flags, a bracket, null" "$(absent pattern) $(absent negative)" = "present absent"
check "changes looks at the commit" "$(absent changed) $(absent unchanged)" = "present absent"
check "exists looks at the project" "$(absent there)" = present
check "the first rule that holds decides" "$(absent first_wins)" = absent
check "only and except" "$(absent old_main) $(absent old_tags) $(absent old_except) $(absent old_vars)" = "present absent absent present"
check "a merge request's pipeline has jobs with rules only" "$(absent --source merge_request_event plain) $(absent --source merge_request_event main_only)" = "absent present"
check "explain names the rule with its place" "$(pl explain tag_only)" "~" '\.gitlab-ci\.yml:3:38: if \$CI_COMMIT_TAG: false'
printf 'a: {script: [x], rules: [{if: "${CI} == 1"}]}\n' >.gitlab-ci.yml
exits 1 "braces in a condition are a mistake, not false (gcl 1652)" pl lint
check "with its place" "$(cat "$T/err")" "~" ':1:31: if: .*write \$NAME'
printf 'a: {script: [x], rules: [{when: always}], only: [main]}\n' >.gitlab-ci.yml
exits 1 "rules and only exclude each other" pl lint
ci <<'E'
workflow: {rules: [{if: $CI_COMMIT_TAG}]}
a: {script: [x]}
E
check "workflow:rules may say that there is no pipeline" "$(pl lint)" "~" 'no pipeline runs now'

# --- needs, parallel, stages ---
ci <<'E'
stages: [one, two]
m: {stage: one, script: [x], image: busybox, parallel: {matrix: [{A: [x, y], B: "1"}, {C: z}]}}
n: {stage: one, script: [x], parallel: 3}
after: {stage: two, script: [x], needs: [m, {job: gone, optional: true}]}
gone: {stage: one, script: [x], rules: [{if: $NEVER}]}
E
check "a matrix is all combinations; a number counts" "$(pl graph | grep -oE '(m: \[[^]]*\]|n [0-9]/3)' | sort -u | tr '\n' ';')" = "m: [x, 1];m: [y, 1];m: [z];n 1/3;n 2/3;n 3/3;"
check "needs of a parallel job are all of its instances" "$(pl explain after | grep 'waits for')" "~" 'm: \[x, 1\], m: \[y, 1\], m: \[z\] \(its needs\)'
check "the graph for Graphviz" "$(pl graph --dot | grep -c '" -> "after"')" -eq 3
printf 'a: {script: [x], needs: [gone]}\ngone: {script: [x], rules: [{if: $NEVER}]}\n' >.gitlab-ci.yml
exits 1 "a need that is not in the pipeline" pl lint
check "is an error with a way out" "$(cat "$T/err")" "~" 'optional: true'
printf 'stages: [a, b]\nx: {stage: c, script: [x]}\n' >.gitlab-ci.yml
exits 1 "a stage that is not listed" pl lint
printf 'x: {script: [x], parallel: {matrix: [{A: [%s]}]}}\n' "$(seq -s, 201)" >.gitlab-ci.yml
exits 1 "more than 200 of one job" pl lint

printf 'a-job: {script: [x], parallel: 2}\nb-job: {script: [x]}\n' >.gitlab-ci.yml
check "Tab knows verbs, flags and jobs" "$(mc internal complete pipeline ex) $(mc internal complete pipeline run --jun) $(mc internal complete pipeline run '' | tr '\n' ' ')" = "explain --junit a-job b-job "

# --- what GitLab takes, and means something to a server only: named, never refused ---
printf 'variables: {1st: x, a-b: y}\ndefault: {hooks: {pre_get_sources_script: [x]}}\nx: {script: [x], identity: google_cloud}\n' >.gitlab-ci.yml
exits 0 "names that no shell reads, hooks, an identity" pl lint
check "are named" "$(tr -d '\n' <"$T/err")" "~" 'hooks: nothing is cloned.*"1st" is no name.*"a-b" is no name.*no cloud'
printf 'x: {script: [x], parallel: 2, needs: [{pipeline: $P, job: b, optional: true}, {project: g/p, job: b, ref: m}]}\nb: {needs: {pipeline: g/p}}\n' >.gitlab-ci.yml
exits 0 "needs of another pipeline or project" pl lint
check "are named once, and a job of nothing else is left out" "$(grep -c 'do not come here' "$T/err") $(grep -c 'this job is left out' "$T/err")" = "2 1"
printf 'x: {script: [x], only: {kubernetes: active}}\nb: {script: [x], except: {kubernetes: active}}\nworkflow: {rules: [{when: always, auto_cancel: {on_new_commit: none}}]}\n' >.gitlab-ci.yml
exits 0 "a cluster, auto_cancel in a rule" pl lint
check "there is never a cluster" "$(absent x) $(absent b)" = "absent present"
printf '.r: &r [{if: "$NONE"}, {if: "$CI", when: never}]\nx: {script: [x], rules: [*r, {when: always}]}\nb: {script: [x], rules: [[{if: "$NONE"}], [[{when: always}]]]}\n' >.gitlab-ci.yml
check "an anchor of rules among the rules stands for them" "$(absent x) $(absent b)" = "absent present"
git remote add origin https://ana:s3cret@example.org/g/p.git
printf 'x: {script: [x], rules: [{if: "$CI_REPOSITORY_URL =~ /s3cret|ana/"}]}\nb: {script: [x], rules: [{if: "$CI_REPOSITORY_URL == \\"https://example.org/g/p.git\\""}]}\n' >.gitlab-ci.yml
check "a token in the address of origin stays out of the jobs" "$(absent x) $(absent b)" = "absent present"
git remote remove origin
printf 'x: {inputs: {a: {default: b}}, script: [x]}\n' >.gitlab-ci.yml
check "inputs of a job are refused with a way out" "$(pl lint 2>&1)" "~" ':1:13: .*inputs of a job are not supported: use variables'

# --- hostile files ---
printf 'A: &a [x,x,x,x,x,x,x,x,x]\n' >.gitlab-ci.yml; p=a
for n in b c d e f g; do printf '%s: &%s [*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s,*%s]\n' $n $n $p $p $p $p $p $p $p $p $p >>.gitlab-ci.yml; p=$n; done
exits 1 "aliases of aliases end" timeout 20 "$BIN/minictr" pipeline lint
{ echo 'x: {script: [x], image: $V0}'; echo 'variables:'; for i in $(seq 0 40); do echo "  V$i: \$V$((i+1))\$V$((i+1))"; done; echo '  V41: ""'; } >.gitlab-ci.yml
exits 0 "variables that double" timeout 20 "$BIN/minictr" pipeline lint
printf 'x: {script: [x], rules: [{if: "$CI =~ /((((a{200}){200}){200}){200})/"}]}\n' >.gitlab-ci.yml
exits 1 "patterns that multiply" timeout 20 "$BIN/minictr" pipeline lint
# --- inputs of an included file ---
cat >ci/t.yml <<'E'
spec:
  inputs:
    name: {regex: "^[a-z]+$"}
    tries: {type: number, default: 3}
    steps: {type: array, default: [one, two]}
    soft: {type: boolean, default: false}
    mode: {options: [fast, slow], default: fast}
---
job-$[[ inputs.name ]]:
  image: busybox
  allow_failure: $[[ inputs.soft ]]
  retry: $[[ inputs.tries ]]
  script: $[[ inputs.steps ]]
  variables: {M: "-$[[ inputs.mode ]]-$[[ inputs.name | expand_vars | truncate(1,2) ]]"}
E
with() { printf 'include:\n  - local: ci/t.yml\n    inputs: %s\nplain: {script: [x]}\n' "$1" >.gitlab-ci.yml; pl lint --merged 2>&1 | tr -d '\n'; }
check "inputs: a key, a number, a list, a boolean, text with functions" "$(with '{name: web, tries: 1, soft: true}')" = \
	'job-web:  allow_failure: true  image: busybox  retry: 1  script:    - one    - two  variables:    M: "-fast-eb"plain:  script:    - x'
check "one that must be given" "$(with '{}')" "~" ':2:12: input name is missing'
check "one that the file does not take" "$(with '{name: web, nmae: x}')" "~" ':3:31: inputs: the file takes no input nmae'
check "type, options, pattern" "$(with '{name: web, tries: x}'; with '{name: web, mode: x}'; with '{name: W}')" "~" 'tries must be a number.*"x" is none of its options.*"W" does not match'
sed -i 's/inputs.mode/inputs.mood/' ci/t.yml
check "a name that is not declared" "$(with '{name: web}')" "~" 'ci/t.yml:.*inputs.mood ]]: the file declares no such input'
ci <<'E'
plain: {script: [x]}
E
exits 0 "a job without an image is valid" pl lint
check "and named before it runs" "$(cat "$T/err")" "~" 'WARNING.*:1:8: job plain names no image'
ln -s /etc/passwd ci/leak.yml; printf 'include: ci/leak.yml\nx: {script: [x]}\n' >.gitlab-ci.yml
exits 1 "a link does not lead out" pl lint
check "and shows nothing of the file" "$(cat "$T/err")" "!~" 'root:'
printf 'x: {image: i, script: [x], rules: [{if: "$NOT_SET =~ /[/"}]}\n' >.gitlab-ci.yml
exits 1 "a broken pattern, though its variable is not set today" pl lint
check "has its place" "$(cat "$T/err")" "~" 'gitlab-ci.yml:1:[0-9]*: regular expression /\[/'
printf 'x: {image: i, script: [x], cache: [{paths: [a], policy: $P}, {paths: [b], policy: pulll}]}\n' >.gitlab-ci.yml
exits 1 "a cache policy that is none" pl lint
check "has its place" "$(cat "$T/err")" "~" 'gitlab-ci.yml:1:[0-9]*: cache:policy is pull, push or pull-push'
exits 1 "no file" pl lint -f none.yml
cd /tmp && exits 1 "no project" sh -c 'mkdir -p "$T/empty" && cd "$T/empty" && "$BIN/minictr" pipeline lint'
check "says which file" "$(cat "$T/err")" "~" 'there is no \.gitlab-ci\.yml'
