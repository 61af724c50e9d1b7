. "$(dirname "$0")/../../lib.sh"
cd "$LAB_STATE/project" || exit 1
sed -i 's/^report:/report:\n  allow_failure: true/; s/\[cat report.txt\]/["true"]/' .gitlab-ci.yml; git commit -qam "it may fail"
