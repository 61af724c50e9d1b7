. "$(dirname "$0")/../../lib.sh"
sh "$(dirname "$0")/solution.sh"; keep answer "$(said | cut -d' ' -f1) 4512"
