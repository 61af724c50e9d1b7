#!/usr/bin/env python3
"""fault.py LAYOUT PORTFILE LOG FAULT [ARG]: serves one OCI layout as a registry and misbehaves in one way.

cut N        every blob answer ends after N bytes, the promised length is longer; ranges are understood
cutonce N    only the first answer of each blob is cut; ranges are not understood
die N        like cut, and after the first cut the registry is gone for good (stays broken)
flip         one byte of each layer is another
short        each layer is complete by the headers, but a hundred bytes too few
endless      layers never end, no length is told
drip         layers come a byte at a time, very slowly
stall        layers stop after some bytes, the connection stays open
stallonce    the first layer stops after some bytes once, on a connection that has served before
loop401      every answer is 401 with a challenge; the token server is glad to help
redirect     blobs are redirected to another origin, which logs what it is sent; a token is needed here
redirloop    blobs are redirected to themselves
redirfile    blobs are redirected to file:///etc/passwd
limit N      the first N requests are answered 429 with Retry-After: 1
ratelimit    every request is answered 429 with Retry-After: 3600
busy N       the first N requests are answered 503
liar         the manifest's digest header is wrong
bigmanifest  the manifest never ends
bighead      the header never ends
garbage      the manifest is not JSON
deep         the manifest is a JSON of a million brackets
both         the manifest has layers and manifests
climb        a layer's digest is ../../../../tmp/x
count        behaves; for counting requests
restart N    like cut, and after the first cut connections are refused for a second
noscope      a token is needed; the challenge names no scope, the token server wants one
badrealm     the challenge's realm is no address
password     a login is needed, and it is alice:secret
twoways      as password, and a kind of login nobody knows is offered first
lost         the layers are not there
nextloop     the list of tags leads back to its first page
nextgrow     the list of tags leads to its first page under ever new addresses
nextforeign  the list of tags goes on at another server
oddlinks     the list of tags has three pages, whose Link headers are legal and unusual
escapes      the list of tags holds what a terminal would obey
plainindex   the tag leads to an index whose entries tell no platform
nested       the tag leads to an index in an index
"""
import base64, hashlib, http.server, json, os, socket, socketserver, sys, threading, time

layout, portfile, logfile, fault = sys.argv[1:5]
arg = int(sys.argv[5]) if len(sys.argv) > 5 else 0
index = json.load(open(layout + "/index.json"))["manifests"][0]
top = json.load(open(layout + "/blobs/sha256/" + index["digest"][7:]))
layers = {l["digest"] for l in top.get("layers", [])}
made = {}
def make(entries):
    body = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}).encode()
    d = "sha256:" + hashlib.sha256(body).hexdigest()
    made[d] = body
    return {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": d, "size": len(body)}
bare = {k: v for k, v in index.items() if k in ("mediaType", "digest", "size")}
machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine)
wrapped = {"plainindex": make([bare, {**bare, "platform": {"os": "linux", "architecture": "s390x"}}])["digest"],
           "nested": make([make([make([{**bare, "platform": {"os": "linux", "architecture": machine}}])])])["digest"]}
seen, lock, state = set(), threading.Lock(), {"n": 0, "dead": False}

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    elsewhere = False

    def log_message(self, *a):
        pass

    def note(self):
        with lock:
            state["n"] += 1
            with open(logfile, "a") as f:
                f.write("%s %s %s auth=%s range=%s\n" % ("elsewhere" if self.elsewhere else "registry", self.command,
                    self.path, self.headers.get("Authorization"), self.headers.get("Range")))
            return state["n"]

    def answer(self, status, body=b"", headers={}):
        self.send_response(status)
        for k, v in headers.items():
            self.send_header(k, v)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        n = self.note()
        if state["dead"]:
            return self.hang_up()
        try:
            self.serve(n)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def serve(self, n):
        host = "http://127.0.0.1:%d" % server.server_address[1]
        if self.path.startswith("/token"):
            if fault == "noscope" and "scope=repository%3Ax%3Apull" not in self.path:
                return self.answer(200, b'{"token":"for-nothing"}')
            return self.answer(200, b'{"token":"planted-token"}')
        if fault == "ratelimit" and self.path != "/v2/":
            return self.answer(429, b'{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}', {"Retry-After": "3600"})
        if fault == "limit" and n <= arg:
            return self.answer(429, b"", {"Retry-After": "1"})
        if fault == "busy" and n <= arg:
            return self.answer(503)
        if fault == "loop401" or (fault == "redirect" and not self.elsewhere and self.headers.get("Authorization") != "Bearer planted-token"):
            return self.answer(401, b"", {"WWW-Authenticate": 'Bearer realm="%s/token",service="test",scope="repository:x:pull"' % host})
        if fault == "noscope" and self.path != "/v2/" and self.headers.get("Authorization") != "Bearer planted-token":
            return self.answer(401, b"", {"WWW-Authenticate": 'Bearer realm="%s/token"' % host})
        if fault == "badrealm":
            return self.answer(401, b"", {"WWW-Authenticate": 'Bearer realm="token server",service="x"'})
        if fault == "password" and self.headers.get("Authorization") != "Basic " + base64.b64encode(b"alice:secret").decode():
            return self.answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})
        if fault == "twoways" and self.headers.get("Authorization") != "Basic " + base64.b64encode(b"alice:secret").decode():
            return self.answer(401, b"", {"WWW-Authenticate": "Negotiate", "www-authenticate": 'Basic realm="x"'})
        if "/tags/list" in self.path:
            return self.tags()
        if fault == "bighead":
            self.send_response(200)
            for i in range(100000):
                self.send_header("X-Filler-%d" % i, "f" * 900)
                self.end_headers() if i % 50 == 0 and False else None
            return self.end_headers()
        if self.path == "/v2/":
            return self.answer(200, b"{}")
        if "/manifests/" in self.path:
            return self.manifest()
        return self.blob(self.path.rsplit("/", 1)[1])

    def tags(self):
        page = self.path.partition("page=")[2] or "1"
        say = lambda tags, link=None: self.answer(200, json.dumps({"name": "x", "tags": tags}).encode(), {"Link": link} if link else {})
        if fault == "nextloop":
            return say(["latest"], '</v2/x/tags/list?n=100>; rel="next"')
        if fault == "nextgrow":
            return say(["1", "latest"], '</v2/x/tags/list?page=%d>; rel="next"' % (int(page) + 1))
        if fault == "nextforeign":
            return say(["latest"], '<http://127.0.0.1:%d/v2/x/tags/list>; rel="next"' % other.server_address[1])
        if fault == "escapes":
            return say(["latest", "\033[31mred", "a b", "x" * 500, None, 7, ""])
        if fault == "oddlinks":
            return say(["t" + page], {"1": '</v2/x/tags/list?page=9>; rel="prev", </v2/x/tags/list?page=2>;rel=next', "2": '</v2/x/tags/list?page=3>'}.get(page))
        return say(["latest"])

    def manifest(self):
        ref = self.path.rsplit("/", 1)[1]
        if fault in ("plainindex", "nested") and not ref.startswith("sha256:"):
            ref = wrapped[fault]
        if ref in made:
            return self.answer(200, made[ref], {"Content-Type": "application/vnd.oci.image.index.v1+json", "Docker-Content-Digest": ref})
        digest = ref if ref.startswith("sha256:") else index["digest"]
        body = open(layout + "/blobs/sha256/" + digest[7:], "rb").read()
        head = {"Content-Type": json.loads(body).get("mediaType", ""), "Docker-Content-Digest": digest}
        if fault == "liar":
            head["Docker-Content-Digest"] = "sha256:" + "0" * 64
        elif fault == "garbage":
            body, head = b"<html>welcome to the hotel wifi</html>", {"Content-Type": "text/html"}
        elif fault == "deep":
            body, head = b"[" * 1000000, {"Content-Type": index["mediaType"]}
        elif fault in ("both", "climb"):
            m = json.loads(body)
            if fault == "both":
                m["manifests"] = []
            else:
                m["layers"][0]["digest"] = "sha256:../../../../../../tmp/x"
            body, head = json.dumps(m).encode(), {"Content-Type": index["mediaType"]}
        elif fault == "bigmanifest":
            self.send_response(200)
            self.send_header("Content-Type", index["mediaType"])
            self.end_headers()
            self.close_connection = True
            while True:
                self.wfile.write(b" " * 65536)
        self.answer(200, body, head)

    def blob(self, digest):
        path = layout + "/blobs/sha256/" + digest[7:]
        if not os.path.exists(path) or (fault == "lost" and digest in layers):
            return self.answer(404)
        data = open(path, "rb").read()
        if digest not in layers:
            return self.answer(200, data)
        if fault == "redirect" and not self.elsewhere:
            return self.answer(307, b"", {"Location": "http://127.0.0.1:%d%s" % (other.server_address[1], self.path)})
        if fault == "redirloop":
            return self.answer(302, b"", {"Location": self.path})
        if fault == "redirfile":
            return self.answer(302, b"", {"Location": "file:///etc/passwd"})
        if fault == "flip":
            data = data[:100] + bytes([data[100] ^ 1]) + data[101:]
        if fault == "short":
            data = data[:-100]
        if fault == "endless":
            self.send_response(200)
            self.end_headers()
            self.close_connection = True
            self.wfile.write(data)
            while True:
                self.wfile.write(bytes(65536))
        self.parts(digest, data)

    def parts(self, digest, data):
        start, status, head = 0, 200, {}
        want = self.headers.get("Range")
        if want and fault != "cutonce":
            start, status = int(want[6:].split("-")[0]), 206
            head["Content-Range"] = "bytes %d-%d/%d" % (start, len(data) - 1, len(data))
        rest = data[start:]
        head["Content-Length"] = str(len(rest))
        first = digest not in seen
        seen.add(digest)
        if fault in ("cut", "die") or (fault == "cutonce" and first):
            self.answer(status, rest[:arg], head)
            state["dead"] = fault == "die"
            return self.hang_up()
        if fault == "restart" and not state.get("restarted"):
            state["restarted"] = True
            self.answer(status, rest[:arg], head)
            threading.Thread(target=server.shutdown).start()
            return self.hang_up()
        if fault == "stallonce" and not state.get("stalled"):
            state["stalled"] = True
            self.answer(status, rest[:5000], head)
            return time.sleep(60)
        if fault == "stall":
            self.answer(status, rest[:5000], head)
            return time.sleep(60)
        if fault == "drip":
            self.answer(status, rest[:10], head)
            for b in rest[10:]:
                self.wfile.write(bytes([b]))
                time.sleep(0.3)
        self.answer(status, rest, head)

class Elsewhere(Handler):
    elsewhere = True

class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

server, other = Server(("127.0.0.1", 0), Handler), Server(("127.0.0.1", 0), Elsewhere)
threading.Thread(target=other.serve_forever, daemon=True).start()
with open(portfile + ".tmp", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(portfile + ".tmp", portfile)
server.serve_forever()
if fault == "restart":
    server.server_close()
    time.sleep(1)
    server = Server(("127.0.0.1", server.server_address[1]), Handler)
    server.serve_forever()
