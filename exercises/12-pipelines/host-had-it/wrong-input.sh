. "$(dirname "$0")/../../lib.sh"
cd "$LAB_STATE/project" || exit 1
t=$(kept tool); mkdir tools && cp "$LAB_STATE/bin/$t" tools/
sed -i "s,- $t,- tools/$t," .gitlab-ci.yml; git add -A && git commit -qm "the tool is in the project"
