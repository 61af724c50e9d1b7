. "$(dirname "$0")/../../lib.sh"
. "$(dirname "$0")/sign.sh"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=client -keyout key.pem -out cert.pem 2>/dev/null
minictr context create "$(word far)" --docker "host=$at,ca=$PWD/ca.pem,cert=$PWD/cert.pem,key=$PWD/key.pem"
