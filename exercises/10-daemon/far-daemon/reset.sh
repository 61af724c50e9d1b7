. "$(dirname "$0")/../../lib.sh"
minictr context rm -f "$(word far)" >/dev/null 2>&1
for d in "$(kept engine10c)" "$(kept pki10)"; do [ -z "$d" ] || rm -rf --one-file-system "$d"; done
