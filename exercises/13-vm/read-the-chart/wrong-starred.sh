. "$(dirname "$0")/../../lib.sh"
keep answer "first $(number c 150 900)"
