. "$(dirname "$0")/../../lib.sh"
command -v openssl >/dev/null || { echo "openssl is not installed: apt install openssl"; exit 1; }
dir=$LAB_STATE/root10c; pki=$LAB_STATE/certs10
keep engine10c "$dir"; keep pki10 "$pki"
mkdir -p "$dir" "$pki"; chmod 700 "$dir" "$pki"; cd "$pki" || exit 1
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$(word ca)" -keyout ca-key.pem -out ca.pem 2>/dev/null
openssl req -newkey rsa:2048 -nodes -subj /CN=server -keyout server-key.pem -out server.csr 2>/dev/null
echo "subjectAltName=IP:127.0.0.1" >server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 30 -extfile server.ext -out server.pem 2>/dev/null
rm -f server.csr server.ext
echo "engine: $dir"; echo "pki:    $pki"
