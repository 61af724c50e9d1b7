. "$(dirname "$0")/../../lib.sh"
remove "ex-$(word name)" ex-decoy-1 ex-decoy-2
