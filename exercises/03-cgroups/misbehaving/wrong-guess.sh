. "$(dirname "$0")/../../lib.sh"
sh "$(dirname "$0")/solution.sh"
if [ "$(said)" = memory ]; then keep answer killed; else keep answer memory; fi
