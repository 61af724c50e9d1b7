# registry/lib.sh - servers and images for the tests of registries; sourced after ../lib.sh.
#
# Everything listens on a random port of the loopback device and is killed by pid at the end of the test.
REG=$HERE/tests/run/registry
DOCKER_CONFIG=$T/docker; MINICTR_CONFIG=$T/config.json; MINICTR_CERTS=$T/certs.d
export DOCKER_CONFIG MINICTR_CONFIG MINICTR_CERTS
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy no_proxy NO_PROXY SSL_CERT_FILE
mi() { "$BIN/minictr-image" "$@"; }

# layout DIR LAYERS KB [gzip|zstd|none|bomb|...]: an image of random content as OCI layout; its digest in $DIGEST
layout() { DIGEST=$(python3 "$REG/image.py" "$@"); }
# answers URL: does a server answer there?
answers() { curl -ks -o /dev/null "$1"; }
# debian_registry NAME [YAML LINES ...]: Debian's docker-registry; its port in $PORT, its files in $T/NAME
debian_registry() {
	r_=$1; shift; PORT=$(free_port)
	{ printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}\n' "$T/$r_"
	  for line in "$@"; do printf '%s\n' "$line" | sed "s/@PORT@/$PORT/"; done
	  case "$*" in *"http: {"*) ;; *) echo "http: {addr: 127.0.0.1:$PORT}" ;; esac; } >"$T/$r_.yml"
	background docker-registry serve "$T/$r_.yml" >"$T/$r_.log" 2>&1
	SCHEME=http; case "$*" in *tls:*) SCHEME=https ;; esac
	eventually 10 answers "$SCHEME://127.0.0.1:$PORT/v2/" || skip_all "docker-registry does not start: $(tail -1 "$T/$r_.log")"
}
# our_registry ROOT [FLAGS ...]: our own server on the store of ROOT; port in $PORT, pid in $BG, log in $T/serve.PORT.log
our_registry() {
	r_=$1; shift
	[ -n "${WANT_PORT:-}" ] && PORT=$WANT_PORT || PORT=$(free_port)
	MINICTR_ROOT=$r_ background "$BIN/minictr-registry" serve --addr "127.0.0.1:$PORT" "$@" >"$T/serve.$PORT.out" 2>"$T/serve.$PORT.log"
	eventually 10 grep -q listening "$T/serve.$PORT.out" || { echo "Bail out! the server does not start: $(cat "$T/serve.$PORT.log")"; exit 1; }
}
# fault_registry LAYOUT FAULT [ARG]: a registry that misbehaves; port in $PORT, request log in $T/fault.log
fault_registry() {
	rm -f "$T/fault.port"; : >"$T/fault.log"
	background python3 "$REG/fault.py" "$1" "$T/fault.port" "$T/fault.log" "$2" ${3:-} >"$T/fault.err" 2>&1
	eventually 10 test -s "$T/fault.port" || { echo "Bail out! $(cat "$T/fault.err")"; exit 1; }
	PORT=$(cat "$T/fault.port")
}
# send LAYOUT NAME [SKOPEO FLAGS]: pushes with skopeo, as somebody else would
send() { l=$1; n=$2; shift 2; skopeo copy -q --dest-tls-verify=false "$@" "oci:$l:x" "docker://$n" >/dev/null; }
# digest_at NAME: what skopeo says the digest is
digest_at() { skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$1"; }
# Does every blob of the store hash to its own name? Prints the bad ones.
bad_blobs() { for b in "$1"/images/blobs/sha256/*; do [ -f "$b" ] || continue; [ "$(sha256sum <"$b" | cut -d' ' -f1)" = "${b##*/}" ] || echo "$b"; done; }
fresh() { rm -rf "$MINICTR_ROOT"; }
