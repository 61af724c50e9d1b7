. "$(dirname "$0")/../lib.sh"
curl -fs "http://$(at)/v2/" >/dev/null || { echo "the registry has gone; exercise reset, and begin again"; exit 2; }
running pinned
image=$(look pinned '{{.Config.Image}}')
case $image in *@sha256:*) ok "pinned is named by digest" ;; *) fail "the name of pinned's image has a digest" "$image" "a tag is a pointer that can be moved; only a digest is a promise [latest-newest]" ;; esac
same "the digest" "$(kept digest)" "sha256:${image##*@sha256:}" "that is another image than the tag 1 pointed to"
same "/text of pinned" "$(word one)" "$(file_in pinned /text)"
answered "which of the two latest points to" "$(number latest 1 2)" "latest is only a tag: compare the digests that it and the others point to [latest-newest]"
