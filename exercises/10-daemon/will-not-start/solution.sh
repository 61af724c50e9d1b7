. "$(dirname "$0")/../../lib.sh"
sed -i 's/5 megabytes/5m/' "$(kept engine10)/config.json"
