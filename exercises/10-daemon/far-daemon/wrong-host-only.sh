. "$(dirname "$0")/../../lib.sh"
. "$(dirname "$0")/sign.sh"
minictr context create "$(word far)" --docker "host=$at"
