. "$(dirname "$0")/../../lib.sh"
p=$LAB_STATE/project; bin=$LAB_STATE/bin; tool=count-$(word tool)
rm -rf "$p" "$bin"; mkdir -p "$p" "$bin"
printf '#!/bin/sh\n# counts the words of a file\necho "%s: $(tr -s " " "\\n" <"$1" | grep -c .) words"\n' "$(word title)" >"$bin/$tool"
chmod 755 "$bin/$tool"
cd "$p" && git init -q -b main . && git config user.email learner@example.org && git config user.name learner
n=$(number words 5 30); i=0; while [ $i -lt "$n" ]; do echo "w$i"; i=$((i + 1)); done >input.txt
printf 'input.txt\nreport.txt\n' >.gitignore
printf '#!/bin/sh\nPATH=%s:$PATH\n%s input.txt >report.txt && cat report.txt\n' "$bin" "$tool" >by-hand.sh
cat >.gitlab-ci.yml <<END
stages: [report, publish]
report:
  stage: report
  image: busybox
  script:
    - test -e input.txt || echo "nothing to count" >input.txt
    - $tool input.txt >report.txt
  artifacts: {paths: [report.txt]}
publish:
  stage: publish
  image: busybox
  script: [cat report.txt]
END
git add . && git commit -qm "the pipeline" && sh by-hand.sh >"$LAB_STATE/expected"
keep tool "$tool"
echo "project: $p"
