. "$(dirname "$0")/../../lib.sh"
sed -i 's/5 megabytes/50m/' "$(kept engine10)/config.json"
