. "$(dirname "$0")/../lib.sh"
serve
n=$(number latest 1 2)
image app:1 "$(word one)"; image app:2 "$(word two)"
minictr pull -q "$(at)/app:$n" >/dev/null; minictr tag "$(at)/app:$n" "$(at)/app:latest"; minictr push -q "$(at)/app:latest" >/dev/null
remove_image "$(at)/app:$n" "$(at)/app:latest"
keep digest "$(digest_at app 1)"
