. "$(dirname "$0")/../../lib.sh"
remove db
minictr volume rm -f dbdata >/dev/null 2>&1
remove_image db:saved
two=$(kept machine2); [ -z "$two" ] || rm -rf "$two"
