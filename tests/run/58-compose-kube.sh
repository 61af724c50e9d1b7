#!/bin/sh
# 58-compose-kube.sh - `compose kube`: every key is translated or commented on; kubectl reads what is written.
. "$(dirname "$0")/lib.sh"
plan 36
HERE_RUN=$(cd "$(dirname "$0")" && pwd)
cd "$T" || exit 1
kube() { PW=secret "$BIN/minictr" compose "$@" kube 2>"$T/warn"; }
kube -f "$HERE_RUN/kube.yaml" >k.out
kinds() { sed -n 's/^kind: //p' k.out | sort | uniq -c | tr -s ' ' | tr '\n' ';'; }
check "kinds" "$(kinds)" = " 1 ConfigMap; 2 Deployment; 1 Job; 1 PersistentVolumeClaim; 1 Secret; 5 Service;"
check "a secret in base64" "$(sed -n 's/^  pw: //p' k.out | base64 -d)" = secret
has() { check "$1" "$(cat k.out)" "~" "$2"; }
has "a command keeps its dollars" 'echo \$HOME'
has "\$(X) is not Kubernetes' own" '\$\$\(X\) y'
has "a name that Kubernetes refuses is changed, and said" '# web_front cannot be a name'
has "a port of 127.0.0.1 is not published" 'port-forward service/web-front 9000:9000'
has "mode in decimal" 'mode: 256'
has "requests and limits" 'memory: 64Mi'
has "a probe" 'readinessProbe'
has "the RuntimeClass" 'runtimeClassName: minictr'
has "no restart: said" '# restart: no \(the default\) has no counterpart'
has "depends_on: said" '# depends_on db \(service_healthy\) has no counterpart'
check "the same file gives the same text" "$(kube -f "$HERE_RUN/kube.yaml" | md5sum)" = "$(md5sum <k.out)"
exits 0 "-o writes a file" env PW=secret "$BIN/minictr" compose -f "$HERE_RUN/kube.yaml" kube -o o.out
check "... the same" "$(md5sum <o.out)" = "$(md5sum <k.out)"
printf 'services: {a_b: {image: x}, a.b: {image: x}}\n' >twice.yaml
exits 1 "two names that become one are refused" "$BIN/minictr" compose -f twice.yaml kube
check "... by name" "$(cat "$T/err")" "~" 'the Deployment a-b'
printf 'services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {file: ./gone}}\n' >gone.yaml
exits 1 "a secret whose file is missing" "$BIN/minictr" compose -f gone.yaml kube
check "... names the place" "$(cat "$T/err")" "~" 'gone.yaml:2'
printf 'services: {a: {image: x, deploy: {mode: global}}}\n' | kube -f - -p p >k.out
has "mode: global is a DaemonSet" 'kind: DaemonSet'
# what has no counterpart is named, each with its reason
while read -r key value; do
	printf 'services: {a: {image: x, %s: %s}, b: {image: x}}\n' "$key" "$value" | kube -f - -p p >k.out
	has "$key" "# .*$key.* has no counterpart|# $key:"
done <<'END'
ulimits {nofile: 5}
devices ["/dev/null:/dev/null"]
pids_limit 5
init true
container_name c
stop_signal INT
links [b]
mac_address 02:00:00:00:00:01
network_mode "service:b"
volumes_from [b]
oom_score_adj 5
memswap_limit 1g
userns_mode host
develop {watch: []}
END
if needs kubectl && python3 -c 'import yaml' 2>/dev/null; then
	kube -f "$HERE_RUN/kube.yaml" >k.out
	check "kubectl reads every object, and knows every field" "$(python3 "$HERE_RUN/kube.py" k.out 2>&1)" = ""
	sed 's/readOnlyRootFilesystem/readOnlyRoot/' k.out >bad.out
	check "... and would name a wrong one" "$(python3 "$HERE_RUN/kube.py" bad.out 2>&1)" "~" 'readOnlyRoot is no field'
else
	skip "kubectl reads every object" "kubectl or python3-yaml is not installed (make peers)"
	skip "... and would name a wrong one" "the same"
fi
