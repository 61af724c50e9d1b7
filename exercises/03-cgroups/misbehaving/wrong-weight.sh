. "$(dirname "$0")/../../lib.sh"
sh "$(dirname "$0")/solution.sh"
n=0; for k in a b c; do n=$((n + 1)); [ $n != "$(number eater 1 3)" ] || { minictr rm -f "ex-$(word $k)"; minictr run -d --cpus 0.2 --name "ex-$(word $k)" busybox sleep 100000; }; done
