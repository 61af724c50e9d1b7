. "$(dirname "$0")/../../lib.sh"
running db
two=$(kept machine2)/volumes/dbdata/data
[ -d "$two" ] || fail "a volume dbdata on machine 2 (minictr --root $(kept machine2) volume ls)" "there is none" "a volume is no part of an image: commit and push do not move it [volume-state]"
same "the first line" "$(word first)" "$(head -1 "$two/log" 2>/dev/null)"
# on disk the owner is 70:70 for root; for an unprivileged user it is an id of /etc/subuid
one=$(minictr volume inspect -f '{{.Mountpoint}}' dbdata)
same "the owner of log" "$(stat -c %u:%g "$one/log")" "$(stat -c %u:%g "$two/log")" "the copy was made by names, without owners"
same "log and log.link are one file" "$(stat -c %i "$two/log")" "$(stat -c %i "$two/log.link" 2>/dev/null)" "hard links travel only in an archive that knows them"
[ -z "$(tail -c 1 "$two/log")" ] || fail "a log that ends with a whole line" "half a line" "it was copied while db was writing: pause or stop it meanwhile"
same "both begin alike" "$(wc -c <"$two/log")" "$(cmp -n "$(wc -c <"$two/log")" "$one/log" "$two/log" >/dev/null 2>&1 && wc -c <"$two/log")"
