# sign.sh: for the tests of this exercise: the client's key and certificate, and the context.
cd "$(kept pki10)" || exit 1
umask 077
openssl req -newkey rsa:2048 -nodes -subj /CN=client -keyout key.pem -out client.csr 2>/dev/null
echo extendedKeyUsage=clientAuth >client.ext
openssl x509 -req -in client.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 30 -extfile client.ext -out cert.pem 2>/dev/null
at=tcp://127.0.0.1:$(number port 20000 29000)
