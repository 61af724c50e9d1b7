. "$(dirname "$0")/../lib.sh"
minictr run -d --name pinned "$(at)/app@$(digest_at app 1)" sleep 100000
if [ "$(digest_at app latest)" = "$(digest_at app 1)" ]; then keep answer 1; else keep answer 2; fi
