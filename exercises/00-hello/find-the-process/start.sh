. "$(dirname "$0")/../../lib.sh"
for n in 1 2; do minictr run -d --name "ex-decoy-$n" busybox sleep "$(number seconds 10000 90000)" >/dev/null; done
minictr run -d --name "ex-$(word name)" busybox sleep "$(number seconds 10000 90000)" >/dev/null
