. "$(dirname "$0")/../../lib.sh"
f=$(kept dir)/compose.yaml
sed -i 's|command: /worker|command: sh -c "sleep 5; exec /worker"|; s|command: /web|command: sh -c "sleep 2; exec /web"|' "$f"
