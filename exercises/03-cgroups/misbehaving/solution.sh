. "$(dirname "$0")/../../lib.sh"
n=0; for k in a b c; do n=$((n + 1)); [ $n != "$(number eater 1 3)" ] || minictr update --cpus 0.2 "ex-$(word $k)" >/dev/null; done
if [ "$(look fallen '{{.State.OOMKilled}}')" = true ]; then keep answer memory; else keep answer killed; fi
