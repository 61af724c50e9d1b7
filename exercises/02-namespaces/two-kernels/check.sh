. "$(dirname "$0")/../../lib.sh"
set -- $(said)
running small
[ $# = 3 ] || fail "three words: a release, a release, a number" "$(said)"
same "the release in small" "$(uname -r)" "$1" "a container has no kernel: uname(2) is answered by the host's [own-kernel]"
machine=$(kept recorded); [ -n "$machine" ] || machine=$(minictr vm exec large uname -r 2>/dev/null | tr -d '\r')
[ -n "$machine" ] || fail "a machine called large" "it does not run" "\`exercise reset\` and start again makes it anew"
same "the release in large" "$machine" "$2" "the machine has booted a kernel of its own, whatever the host runs"
same "programs that the host has in its list" 1 "$3" "the container's program is a process of the host; of the machine the host has qemu only"
