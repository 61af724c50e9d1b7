. "$(dirname "$0")/../../lib.sh"
. "$(dirname "$0")/sign.sh"
chmod 644 key.pem
minictr context create "$(word far)" --docker "host=$at,ca=$PWD/ca.pem,cert=$PWD/cert.pem,key=$PWD/key.pem"
