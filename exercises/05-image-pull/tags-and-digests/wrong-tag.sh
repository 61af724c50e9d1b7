. "$(dirname "$0")/../lib.sh"
minictr run -d --name pinned "$(at)/app:1" sleep 100000
keep answer "$(number latest 1 2)"
