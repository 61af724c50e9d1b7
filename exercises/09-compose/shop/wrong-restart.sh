. "$(dirname "$0")/../../lib.sh"
sed -i 's|init: true|&, restart: always|' "$(kept dir)/compose.yaml"
