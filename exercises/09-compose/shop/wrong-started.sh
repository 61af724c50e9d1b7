. "$(dirname "$0")/../../lib.sh"
f=$(kept dir)/compose.yaml
sed -i 's|command: /worker|&, depends_on: [redis, web]|; s|command: /web|&, depends_on: [redis]|' "$f"
