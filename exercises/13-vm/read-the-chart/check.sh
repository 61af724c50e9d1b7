. "$(dirname "$0")/../../lib.sh"
set -- $(said)
[ $# = 2 ] || fail "two words: a row and a number" "$(said)"
right=ten; [ "$(number which 0 1)" = 1 ] || right=disk
case $1 in first | memory | cpu) fail "a row that holds on any computer" "$1" "that row has a star: emulation made its number, and with hardware virtualisation it is far smaller [vm-is-slow]" ;; esac
same "the row" "$right" "$1" "compare the ratios of the two rows about disk, not the numbers themselves"
same "system calls for the machine" "$(number c 150 900)" "$2" "the row says it for both sides: the host serves the container's every call, and qemu's only"
