. "$(dirname "$0")/../../lib.sh"
dir=$(kept engine10); [ -z "$dir" ] || rm -rf --one-file-system "$dir"
