#!/usr/bin/env python3
"""conformance.py HOST:PORT - what distribution-spec 1.1 (and its coming tag parameter) asks of a registry, as TAP.

Random content each time; two digest algorithms; images, indexes, indexes of indexes, artifacts, referrers. Each data set is
pushed, headed, pulled, listed and deleted again, and what was deleted must be gone at once. The server must allow deletion.
"""
import hashlib, http.client, json, os, sys, urllib.parse

HOST = sys.argv[1]
OCI = "application/vnd.oci."
MAN, IDX, CONF, LAYER, EMPTY = (OCI + t for t in ("image.manifest.v1+json", "image.index.v1+json", "image.config.v1+json", "image.layer.v1.tar+gzip", "empty.v1+json"))
count = 0


def ask(method, path, body=None, chunked=False, **headers):
    c = http.client.HTTPConnection(HOST, timeout=20)
    h = {k.replace("_", "-"): v for k, v in headers.items()}
    if chunked:
        c.request(method, path, body=iter([body[:100], body[100:]]), headers=h, encode_chunked=True)
    else:
        c.request(method, path, body=body, headers=h)
    r = c.getresponse()
    r.body = r.read()
    r.location = path_of(r.getheader("Location"))
    c.close()
    return r


def path_of(url):
    return url and (url if url.startswith("/") else url[url.index("/", 8):])


def ok(name, good, *why):
    global count
    count += 1
    print(("ok %d - %s" if good else "not ok %d - %s") % (count, name), flush=True)
    if not good:
        print("#   " + " ".join(map(str, why)))


def status(name, r, *want):
    ok(name, r.status in want, "status", r.status, "wanted", want, r.body[:200])
    return r


def digest(data, algorithm="sha256"):
    return algorithm + ":" + hashlib.new(algorithm, data).hexdigest()


def with_digest(url, d):
    return url + ("&" if "?" in url else "?") + "digest=" + d


def begin(repo, **query):
    return ask("POST", "/v2/%s/blobs/uploads/%s" % (repo, "?" + urllib.parse.urlencode(query) if query else ""), body=b"")


def put_blob(repo, data, algorithm="sha256"):
    r = begin(repo)
    r = ask("PUT", with_digest(r.location, digest(data, algorithm)), body=data, Content_Type="application/octet-stream")
    assert r.status == 201, (r.status, r.body)


def same(name, r, data, d):
    ok(name, r.status == 200 and r.body == data and r.getheader("Docker-Content-Digest") == d, r.status, r.getheader("Docker-Content-Digest"), len(r.body))


# --- blobs ---
def blobs(alg):
    repo, other, n = "conf/blobs", "conf/other", 1500
    new = lambda: os.urandom(n)
    say = lambda text: "%s: %s" % (alg, text)
    at = lambda r, d: "/v2/%s/blobs/%s" % (r, d)
    b = new(); d = digest(b, alg)
    status(say("a blob that was never pushed"), ask("GET", at(repo, d)), 404)
    r = status(say("POST with digest and bytes"), ask("POST", "/v2/%s/blobs/uploads/?digest=%s" % (repo, d), body=b, Content_Type="application/octet-stream"), 201)
    same(say("is found at its location"), ask("GET", r.location), b, d)
    r = ask("HEAD", at(repo, d))
    ok(say("HEAD: length and digest"), r.status == 200 and r.getheader("Content-Length") == str(n) and r.getheader("Docker-Content-Digest") == d, r.status)
    status(say("the same digest under a name that never had it"), ask("GET", at(other, d)), 404)
    status(say("HEAD there"), ask("HEAD", at(other, d)), 404)
    r = status(say("mount"), begin(other, mount=d, **{"from": repo}), 201)
    same(say("then it has it"), ask("GET", r.location), b, d)
    status(say("mount of a name that does not have it"), begin("conf/third", mount=d, **{"from": "conf/fourth"}), 202)
    status(say("mount without a name"), begin("conf/third", mount=d), 201, 202)
    b2 = new(); d2 = digest(b2, alg)
    r = status(say("POST, then PUT"), begin(repo), 202)
    r = status(say("PUT"), ask("PUT", with_digest(r.location, d2), body=b2), 201)
    same(say("its location"), ask("GET", r.location), b2, d2)
    b3 = new(); d3 = digest(b3, alg)
    r = status(say("POST for a stream"), begin(repo), 202)
    r = status(say("PATCH without a range"), ask("PATCH", r.location, body=b3, chunked=True), 202)
    r = status(say("PUT closes it"), ask("PUT", with_digest(r.location, d3), body=b""), 201)
    same(say("its bytes"), ask("GET", r.location), b3, d3)
    for last in ("PATCH", "PUT"):
        b4 = new(); d4 = digest(b4, alg)
        r = status(say("chunks, the last by " + last), begin(repo), 202)
        r = status(say("first"), ask("PATCH", r.location, body=b4[:500], Content_Range="0-499"), 202)
        where = r.location
        status(say("one out of order"), ask("PATCH", where, body=b4[1000:], Content_Range="1000-1499"), 416)
        r = ask("GET", where)
        ok(say("the state after it"), r.status == 204 and r.getheader("Range") == "0-499" and r.location, r.status, r.getheader("Range"))
        r = status(say("second"), ask("PATCH", r.location, body=b4[500:1000], Content_Range="500-999"), 202)
        if last == "PATCH":
            r = status(say("third"), ask("PATCH", r.location, body=b4[1000:], Content_Range="1000-1499"), 202)
            r = status(say("close"), ask("PUT", with_digest(r.location, d4), body=b""), 201)
        else:
            r = status(say("close with it"), ask("PUT", with_digest(r.location, d4), body=b4[1000:], Content_Range="1000-1499"), 201)
        same(say("whole"), ask("GET", r.location), b4, d4)
    r = begin(repo)
    status(say("cancel"), ask("DELETE", r.location), 204)
    status(say("a cancelled upload"), ask("GET", r.location), 404)
    wrong = digest(new(), alg)
    status(say("POST with a wrong digest"), ask("POST", "/v2/%s/blobs/uploads/?digest=%s" % (repo, wrong), body=new(), Content_Type="application/octet-stream"), 400)
    status(say("PUT with a wrong digest"), ask("PUT", with_digest(begin(repo).location, wrong), body=new()), 400)
    r = ask("PATCH", begin(repo).location, body=new(), Content_Range="0-1499")
    status(say("chunks with a wrong digest"), ask("PUT", with_digest(r.location, wrong), body=b""), 400)
    status(say("and nothing has that digest"), ask("HEAD", at(repo, wrong)), 404)
    empty = digest(b"", alg)
    put_blob(repo, b"", alg)
    same(say("a blob of zero bytes"), ask("GET", at(repo, empty)), b"", empty)
    for asked, got, part in (("500-999", "500-999", b[500:1000]), ("500-", "500-1499", b[500:]), ("-500", "1000-1499", b[1000:]), ("1000-5000", "1000-1499", b[1000:])):
        r = ask("GET", at(repo, d), Range="bytes=" + asked)
        ok(say("range " + asked), r.status == 206 and r.body == part and r.getheader("Content-Range") == "bytes %s/1500" % got and r.getheader("Content-Length") == str(len(part)), r.status, r.getheader("Content-Range"))
    status(say("range beyond the end"), ask("GET", at(repo, d), Range="bytes=5000-6000"), 416)
    status(say("range backwards"), ask("GET", at(repo, d), Range="bytes=500-0"), 416, 200)
    for x in (d, d2, d3, empty):
        status(say("delete"), ask("DELETE", at(repo, x)), 202)
        status(say("gone at once"), ask("HEAD", at(repo, x)), 404)
    status(say("twice"), ask("DELETE", at(repo, d)), 404)
    status(say("the other repository still has it"), ask("HEAD", at(other, d)), 200)
    status(say("until it is deleted there"), ask("DELETE", at(other, d)), 202)


# --- documents ---
class Set:
    """One data set: blobs, manifests in the order of pushing, tags."""

    def __init__(self, name, alg="sha256", tag_param=False):
        self.name, self.alg, self.repo, self.tag_param = name, alg, "conf/data", tag_param
        self.blobs, self.manifests, self.tags, self.referrers = {}, [], {}, {}

    def blob(self, data, media, /, **more):
        d = digest(data, self.alg)
        self.blobs[d] = data
        return {"mediaType": media, "digest": d, "size": len(data), **more}

    def document(self, doc, tag=None, **entry):
        data = json.dumps(doc).encode()
        d = digest(data, self.alg)
        self.manifests.append((d, data, doc["mediaType"]))
        if tag:
            self.tags[tag] = d
        desc = {"mediaType": doc["mediaType"], "digest": d, "size": len(data)}
        if "subject" in doc:
            kind = doc.get("artifactType") or doc.get("config", {}).get("mediaType")
            self.referrers.setdefault(doc["subject"]["digest"], []).append({**desc, "artifactType": kind, **({"annotations": doc["annotations"]} if "annotations" in doc else {})})
        return {**desc, **entry}

    def image(self, tag=None, layers=2, config=None, layer_type=LAYER, entry={}, **more):
        c = self.blob(*((b"{}", EMPTY) if config == "empty" else (json.dumps({"architecture": "amd64", "os": "linux", "x": os.urandom(8).hex(), "rootfs": {"type": "layers", "diff_ids": []}}).encode(), CONF)))
        return self.document({"schemaVersion": 2, "mediaType": MAN, "config": c, "layers": [self.blob(os.urandom(300), layer_type) for _ in range(layers)], **more}, tag, **entry)

    def index(self, entries, tag=None, **more):
        return self.document({"schemaVersion": 2, "mediaType": IDX, "manifests": entries, **more}, tag)

    def two(self, **more):
        return [self.image(entry={"platform": {"os": "linux", "architecture": a}}, **more) for a in ("amd64", "arm64")]

    def say(self, what):
        return "%s: %s" % (self.name, what)

    def at(self, ref):
        return "/v2/%s/manifests/%s" % (self.repo, ref)

    def push(self):
        for d, b in self.blobs.items():
            put_blob(self.repo, b, self.alg)
        for d, b, media in self.manifests:
            tags = [t for t, x in self.tags.items() if x == d] if self.tag_param else []
            r = status(self.say("push by digest"), ask("PUT", self.at(d) + ("?" + "&".join("tag=" + t for t in tags) if tags else ""), body=b, Content_Type=media), 201)
            ok(self.say("its digest"), r.getheader("Docker-Content-Digest") == d, r.getheader("Docker-Content-Digest"))
            same(self.say("its location"), ask("GET", r.location), b, d)
            if tags:
                ok(self.say("its tags"), set(tags) <= set(", ".join(r.headers.get_all("OCI-Tag") or []).split(", ")), r.getheader("OCI-Tag"))
            subject = json.loads(b).get("subject")
            if subject:
                ok(self.say("OCI-Subject"), r.getheader("OCI-Subject") == subject["digest"], r.getheader("OCI-Subject"))
        if not self.tag_param:
            for t, d in self.tags.items():
                b, media = next((b, m) for x, b, m in self.manifests if x == d)
                status(self.say("push by tag"), ask("PUT", self.at(t), body=b, Content_Type=media), 201)

    def pull(self):
        for t, d in self.tags.items():
            b, media = next((b, m) for x, b, m in self.manifests if x == d)
            r = ask("GET", self.at(t), Accept=IDX + ", " + MAN)
            same(self.say("pull by tag"), r, b, d)
            ok(self.say("media type"), r.getheader("Content-Type") == media, r.getheader("Content-Type"))
        for d, b, media in self.manifests:
            same(self.say("pull by digest"), ask("GET", self.at(d)), b, d)
            r = ask("HEAD", self.at(d))
            ok(self.say("HEAD"), r.status == 200 and r.getheader("Content-Length") == str(len(b)) and r.getheader("Content-Type") == media, r.status, r.getheader("Content-Type"))
            status(self.say("under a name that never had it"), ask("GET", "/v2/conf/stranger/manifests/" + d), 404)
        listed = json.loads(ask("GET", "/v2/%s/tags/list" % self.repo).body)["tags"] if self.tags else []
        ok(self.say("tags are listed"), set(self.tags) <= set(listed), listed)
        ok(self.say("blobs are there"), all(ask("GET", "/v2/%s/blobs/%s" % (self.repo, d)).body == b for d, b in self.blobs.items()))

    def refer(self):
        for subject, want in self.referrers.items():
            r = ask("GET", "/v2/%s/referrers/%s" % (self.repo, subject))
            got = json.loads(r.body).get("manifests", []) if r.status == 200 else []
            ok(self.say("referrers"), r.getheader("Content-Type") == IDX and all(w in got for w in want), r.status, got, want)
            for kind in {w["artifactType"] for w in want}:
                r = ask("GET", "/v2/%s/referrers/%s?artifactType=%s" % (self.repo, subject, urllib.parse.quote(kind)))
                got = json.loads(r.body)["manifests"]
                ok(self.say("of one type"), r.getheader("OCI-Filters-Applied") == "artifactType" and {g["artifactType"] for g in got} == {kind} and all(w in got for w in want if w["artifactType"] == kind), got)
            ok(self.say("not those of another repository"), json.loads(ask("GET", "/v2/conf/stranger/referrers/" + subject).body)["manifests"] == [])

    def delete(self):
        for t in self.tags:
            status(self.say("delete a tag"), ask("DELETE", self.at(t)), 202)
            status(self.say("gone"), ask("HEAD", self.at(t)), 404)
        for d, b, media in reversed(self.manifests):
            status(self.say("delete a manifest"), ask("DELETE", self.at(d)), 202, 404)
            status(self.say("gone"), ask("HEAD", self.at(d)), 404)
        for d in self.blobs:
            status(self.say("delete a blob"), ask("DELETE", "/v2/%s/blobs/%s" % (self.repo, d)), 202)
            status(self.say("gone"), ask("HEAD", "/v2/%s/blobs/%s" % (self.repo, d)), 404)

    def run(self):
        self.push(); self.pull(); self.refer(); self.delete()


def data():
    s = Set("image"); s.image("image"); yield s
    s = Set("plain layers"); s.image("plain", layer_type=OCI + "image.layer.v1.tar"); yield s
    s = Set("large manifest"); s.image("large", annotations={"a%d" % i: "A" * 10000 for i in range(390)}); yield s
    s = Set("index"); s.index(s.two(), "index"); yield s
    s = Set("index of indexes"); s.index([s.index(s.two()), s.index(s.two())], "nested"); yield s
    s = Set("empty index"); s.index([], "empty"); yield s
    s = Set("artifact"); s.image("artifact", layers=1, config="empty", layer_type="text/x", artifactType="text/x"); yield s
    s = Set("index of artifacts"); s.index(s.two(config="empty", artifactType="text/x", layer_type="text/x", layers=1), "artifacts", artifactType="text/x"); yield s
    s = Set("referrers"); i = s.image("subject")
    s.image(subject=i); s.image("a1", config="empty", artifactType="text/one", subject=i, annotations={"k": "v"}); s.image("a2", config="empty", artifactType="text/two", subject=i); yield s
    s = Set("referrer that is an index"); i = s.index(s.two(), "subject"); s.index(s.two(), "about", artifactType="text/one", subject=i, annotations={"k": "v"}); yield s
    s = Set("referrers inside an index"); i = s.image("of-index"); s.index(s.two(config="empty", artifactType="text/one", subject=i), "held"); yield s
    s = Set("subject that is missing"); s.image("lonely", config="empty", artifactType="text/one", subject={"mediaType": MAN, "digest": digest(b"missing"), "size": 123}); yield s
    s = Set("data in a descriptor"); c = s.blob(b"{}", EMPTY, data="e30="); s.document({"schemaVersion": 2, "mediaType": MAN, "artifactType": "text/x", "config": c, "layers": [c]}, "data"); yield s
    s = Set("layers from elsewhere"); s.image("foreign"); b, doc = s.manifests.pop(), None
    doc = json.loads(b[1]); doc["layers"].append({"mediaType": OCI + "image.layer.nondistributable.v1.tar+gzip", "digest": digest(os.urandom(9)), "size": 9, "urls": ["https://example.com/x"]}); s.document(doc, "foreign"); yield s
    s = Set("members of their own"); s.index(s.two(**{"x-own": {"a": [1, None]}}), "own", **{"x-own": 1}); yield s
    s = Set("no layers"); s.image("bare", layers=0); yield s
    s = Set("sha512", "sha512"); s.index(s.two()); yield s
    for alg in ("sha256", "sha512"):
        s = Set("tags as parameters, " + alg, alg, True); i = s.index(s.two(), "p-main-" + alg)
        for n, m in enumerate(s.manifests):
            s.tags["p%d-%s" % (n, alg)] = m[0]
        yield s


def errors():
    s = Set("errors"); s.image(); (d, b, media), = s.manifests
    for x in s.blobs.values():
        put_blob(s.repo, x)
    status("a manifest that is not its digest", ask("PUT", s.at(d), body=b + b"  ", Content_Type=media), 400)
    status("put under a digest that is none", ask("PUT", s.at("sha256:baddigeststring"), body=b, Content_Type=media), 400)
    status("get of a digest that is none", ask("GET", s.at("sha256:baddigeststring")), 400, 404)
    status("an unknown digest", ask("GET", s.at(digest(b"?"))), 404)
    r = status("an unknown tag", ask("GET", s.at("unknown")), 404)
    ok("is told in the words of the specification", json.loads(r.body)["errors"][0]["code"] == "MANIFEST_UNKNOWN", r.body)
    other = Set("e2"); other.repo = "conf/never"
    status("blobs of another repository are missing here", ask("PUT", "/v2/conf/never/manifests/1", body=b, Content_Type=media), 404)
    i = json.dumps({"schemaVersion": 2, "mediaType": IDX, "manifests": [{"mediaType": MAN, "digest": digest(b"none"), "size": 4}]}).encode()
    status("an index whose image is missing", ask("PUT", s.at("sparse"), body=i, Content_Type=IDX), 404)
    status("a blob that a manifest uses", [ask("PUT", s.at("used"), body=b, Content_Type=media), ask("DELETE", "/v2/%s/blobs/%s" % (s.repo, next(iter(s.blobs))))][1], 405)
    status("a tag that is none as a parameter", ask("PUT", s.at(d) + "?tag=..%2fx", body=b, Content_Type=media), 400)
    for host, want in ((HOST, 200), ("localhost:%s" % HOST.split(":")[1], 200), ("[::1]:5000", 200), ("evil.example:%s" % HOST.split(":")[1], 403), ("127.0.0.1.evil.example", 403)):
        status("Host: " + host, ask("GET", "/v2/", Host=host), want)


status("GET /v2/", ask("GET", "/v2/"), 200)
status("tags of a repository that is not there", ask("GET", "/v2/conf/data/tags/list"), 200, 404)
r = ask("GET", "/v2/conf/data/referrers/" + digest(b"x"))
ok("referrers of nothing", r.status == 200 and json.loads(r.body)["manifests"] == [] and r.getheader("Content-Type") == IDX, r.status)
for alg in ("sha256", "sha512"):
    blobs(alg)
for s in data():
    s.run()
errors()
print("1..%d" % count)
