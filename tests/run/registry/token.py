#!/usr/bin/env python3
"""token.py PORTFILE LOG KEY CERT: a token server for docker-registry. User ana, password secret; others may not even read.

Signs with `openssl dgst` (RS256, certificate in the x5c header): no module beyond python's own is needed.
"""
import base64, http.server, json, os, subprocess, sys, time, urllib.parse

portfile, logfile, key, cert = sys.argv[1:5]
der = subprocess.run(["openssl", "x509", "-in", cert, "-outform", "DER"], stdout=subprocess.PIPE, check=True).stdout

def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")

def token(user, access):
    head = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
    now = int(time.time())
    body = {"iss": "test issuer", "sub": user, "aud": "test service", "exp": now + 300, "nbf": now - 10, "iat": now,
            "jti": os.urandom(8).hex(), "access": access}
    text = b64(json.dumps(head).encode()) + b"." + b64(json.dumps(body).encode())
    sign = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text, stdout=subprocess.PIPE, check=True).stdout
    return (text + b"." + b64(sign)).decode()

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *a):
        pass

    def do_GET(self):
        q = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        auth = self.headers.get("Authorization", "")
        user = None
        if auth.startswith("Basic "):
            user, _, password = base64.b64decode(auth[6:]).decode().partition(":")
            if (user, password) != ("ana", "secret"):
                user = "wrong"
        with open(logfile, "a") as f:
            f.write("user=%s service=%s scope=%s\n" % (user, q.get("service"), q.get("scope")))
        if user == "wrong":
            self.send_response(401); self.send_header("Content-Length", "0"); self.end_headers()
            return
        access = []
        for s in q.get("scope", []):
            kind, name, actions = s.rsplit(":", 2) if s.count(":") > 2 else s.split(":")
            access.append({"type": kind, "name": name, "actions": actions.split(",") if user == "ana" else []})
        body = json.dumps({"token": token(user or "", access)}).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open(portfile + ".tmp", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(portfile + ".tmp", portfile)
server.serve_forever()
