. "$(dirname "$0")/../lib.sh"
answered "where Dockerfile, $(word program) and $(word note) are" "git image git" \
	"a repository of images holds finished layers and tags; Dockerfile, source and their history are in git [repository-source]"
