# lib.sh - a registry for the exercises of this folder: `minictr registry serve` with a root of its own, until reset.
. "$(dirname "$0")/../../lib.sh"
port() { kept port; }
at() { echo "127.0.0.1:$(port)"; }
serve() {
	keep port "$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])')"
	mkdir -p "$LAB_STATE/registry"
	MINICTR_ROOT=$LAB_STATE/registry setsid minictr registry serve --addr "$(at)" >"$LAB_STATE/registry.log" 2>&1 </dev/null &
	keep pid $!
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do curl -fs "http://$(at)/v2/" >/dev/null && return; sleep 0.2; done
	echo "the registry does not start"; exit 3
}
unserve() { p=$(kept pid); [ -z "$p" ] || kill "$p" 2>/dev/null; rm -rf "$LAB_STATE/registry" "$LAB_STATE/other"; }
# image NAME TEXT: pushes an image with a file /text under that name, and forgets it here.
image() {
	minictr run --name ex-make busybox sh -c "echo $2 > /text" && minictr commit ex-make "$(at)/$1" >/dev/null && minictr push -q "$(at)/$1" >/dev/null
	minictr rm ex-make >/dev/null; minictr rmi "$(at)/$1" >/dev/null
}
digest_at() { curl -sI -H 'Accept: application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json' "http://$(at)/v2/$1/manifests/$2" | tr -d '\r' | awk 'tolower($1) == "docker-content-digest:" {print $2}'; }
other() { minictr --root "$LAB_STATE/other" "$@"; }

