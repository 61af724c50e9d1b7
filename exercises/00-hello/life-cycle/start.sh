. "$(dirname "$0")/../../lib.sh"
for c in alpha beta gamma delta; do
	minictr run -d --init --name $c busybox sh -c "echo $(word $c) >> /lives; exec sleep 100000" >/dev/null
	keep $c "$(look $c '{{.Id}}')"
done
