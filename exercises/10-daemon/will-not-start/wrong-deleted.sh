. "$(dirname "$0")/../../lib.sh"
rm "$(kept engine10)/config.json"
