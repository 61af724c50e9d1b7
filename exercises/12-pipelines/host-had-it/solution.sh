. "$(dirname "$0")/../../lib.sh"
cd "$LAB_STATE/project" || exit 1
t=$(kept tool); mkdir tools && cp "$LAB_STATE/bin/$t" tools/
sed -i "s,- $t,- tools/$t,; /nothing to count/d" .gitlab-ci.yml
echo report.txt >.gitignore; git add -A && git commit -qm "what the report needs is in the project"
