#!/usr/bin/env python3
"""odd_images.py DIR - image archives that are odd: legal ones that must load and run, and ones that must be refused.

DIR/ok-NAME.tar is loaded as NAME:1 and prints NAME when run (/say holds it). DIR/no-NAME.tar is refused, and DIR/no-NAME.why
holds a pattern of the message.
"""
import gzip, hashlib, io, json, os, subprocess, sys, tarfile

out = sys.argv[1]
os.makedirs(out, exist_ok=True)
OCI, DOCKER = "application/vnd.oci.image.", "application/vnd.docker."
MANIFEST, INDEX = OCI + "manifest.v1+json", OCI + "index.v1+json"
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
OTHER = {"amd64": "arm64", "arm64": "amd64"}[ARCH]
busybox = open(subprocess.check_output(["sh", "-c", "command -v busybox"], text=True).strip(), "rb").read()


def sha(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(*files):
    b = io.BytesIO()
    with tarfile.open(fileobj=b, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, data in files:
            i = tarfile.TarInfo(name)
            i.mtime, i.mode = 10**9, 0o755
            if data is None:
                i.type = tarfile.DIRTYPE
                t.addfile(i)
            elif isinstance(data, str):
                i.type, i.linkname = tarfile.SYMTYPE, data
                t.addfile(i)
            else:
                i.size = len(data)
                t.addfile(i, io.BytesIO(data))
    return b.getvalue()


BASE = tar(("bin", None), ("bin/busybox", busybox), ("bin/cat", "busybox"), ("bin/sh", "busybox"))


class Image:
    """blobs and an index; write() makes the archive."""

    def __init__(self, name):
        self.name, self.blobs, self.entries, self.files = name, {}, [], {}

    def put(self, data, **more):
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        self.blobs[sha(data)] = data
        return {**more, "digest": sha(data), "size": len(data)}

    def layers(self, *more):
        return [BASE, tar(("say", (self.name + "\n").encode())), *more]

    def image(self, *more, config=None, document=None, layer_type=OCI + "layer.v1.tar", manifest=None, media=MANIFEST):
        tars = self.layers(*more)
        doc = {"architecture": ARCH, "os": "linux", "config": {"Cmd": ["/bin/cat", "/say"]},
               "rootfs": {"type": "layers", "diff_ids": [sha(t) for t in tars]}}
        if config is not None:
            doc["config"] = config
        doc.update(document or {})
        doc = {k: v for k, v in doc.items() if v != "ABSENT"}
        m = {"schemaVersion": 2, "mediaType": media, "config": self.put(doc, mediaType=OCI + "config.v1+json"),
             "layers": [self.put(t, mediaType=layer_type) for t in tars]}
        m.update(manifest or {})
        m = {k: v for k, v in m.items() if v != "ABSENT"}
        return self.put(m, mediaType=MANIFEST)

    def index(self, *entries, media=INDEX, **more):
        return self.put({"schemaVersion": 2, "mediaType": media, "manifests": list(entries), **more}, mediaType=media)

    def named(self, descriptor, name=None):
        self.entries.append({**descriptor, "annotations": {OCI.replace("application/vnd.oci.image.", "org.opencontainers.image.") + "ref.name": name or self.name + ":1"}})
        return self

    def write(self, verdict, why=None, directly=False):
        path = "%s/%s-%s.tar" % (out, verdict, self.name)
        with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as t:
            files = {"blobs/sha256/" + d[7:]: b for d, b in self.blobs.items()}
            if not directly:
                files["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
                files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": self.entries}).encode()
            files.update(self.files)
            for name, data in files.items():
                i = tarfile.TarInfo(name)
                i.size = len(data)
                t.addfile(i, io.BytesIO(data))
        if why is not None:
            open("%s/%s-%s.why" % (out, verdict, self.name), "w").write(why)


def ok(name, make, **more):
    i = Image(name)
    i.named(make(i, **more)).write("ok")


def no(name, why, make, **more):
    i = Image(name)
    i.named(make(i, **more)).write("no", why)


plain = lambda i, **more: i.image(**more)

# --- layers ---
ok("zero-bytes", lambda i: i.image(b""))
ok("end-marks-only", lambda i: i.image(bytes(1024)))
ok("same-twice", lambda i: i.image(tar(("x", b"1")), tar(("x", b"2")), tar(("x", b"1"))))
ok("docker-types", plain, layer_type=DOCKER + "image.rootfs.diff.tar", media=DOCKER + "distribution.manifest.v2+json")
ok("nondistributable", plain, layer_type=OCI + "layer.nondistributable.v1.tar")
ok("foreign", plain, layer_type=DOCKER + "image.rootfs.foreign.diff.tar.gzip")  # the bytes decide, not the type

# --- manifest and index ---
ok("no-media-type", plain, manifest={"mediaType": "ABSENT"})
ok("says-it-is-an-index", plain, manifest={"mediaType": INDEX})
ok("unknown-members", plain, manifest={"annotations": None, "subject": None, "x": {"y": [1]}})
ok("no-platform", lambda i: i.index(i.image()))
ok("null-platform", lambda i: i.index({**i.image(), "platform": None}))
ok("no-platform-of-two", lambda i: i.index(i.image(document={"architecture": OTHER}), i.image()))
ok("index-in-index", lambda i: i.index(i.index(i.index(i.image()))))
ok("docker-list", lambda i: i.index({**i.image(), "platform": {"os": "linux", "architecture": ARCH}}, media=DOCKER + "distribution.manifest.list.v2+json"))
ok("attested", lambda i: i.index({**i.image(), "platform": {"os": "linux", "architecture": ARCH}},
                                 {**i.put({"schemaVersion": 2, "mediaType": MANIFEST, "config": i.put(b"{}", mediaType="x/y"), "layers": []}, mediaType=MANIFEST),
                                  "platform": {"os": "unknown", "architecture": "unknown"}}))
ok("foreign-entries", lambda i: i.index({"mediaType": "application/x", "digest": sha(b"x"), "size": 1}, {"mediaType": MANIFEST, "digest": "sha512:" + "0" * 128, "size": 1},
                                        {"mediaType": MANIFEST, "digest": sha(b"gone"), "size": 1}, {**i.image(), "platform": {"os": "linux", "architecture": ARCH}}))
ok("untyped-entry", lambda i: i.index({k: v for k, v in i.image().items() if k != "mediaType"}))

# --- configuration: every member null, empty, absent ---
for field in ("created", "author", "history", "variant"):
    ok("null-" + field, plain, document={field: None})
ok("empty-author", plain, document={"author": "", "created": "0001-01-01T00:00:00Z", "os.version": "", "os.features": None, "history": []})
ok("no-os", plain, document={"os": "ABSENT"})
ok("no-architecture", plain, document={"architecture": "ABSENT"})
ok("empty-platform", plain, document={"os": "", "architecture": ""})
ok("old-docker-members", plain, document={"container": "0" * 64, "container_config": {"Cmd": ["#(nop)"]}, "docker_version": "1.6", "parent": "x", "throwaway": True})
base = {"Cmd": ["/bin/cat", "/say"]}
for field in ("User", "ExposedPorts", "Env", "Entrypoint", "Volumes", "WorkingDir", "Labels", "StopSignal", "Healthcheck", "OnBuild", "Shell", "StopTimeout", "ArgsEscaped"):
    ok("null-" + field.lower(), plain, config={**base, field: None})
ok("empty-members", plain, config={**base, "User": "", "ExposedPorts": {}, "Env": [], "Entrypoint": [], "Volumes": {}, "WorkingDir": "", "Labels": {}, "StopSignal": "", "OnBuild": []})
ok("old-config-members", plain, config={**base, "Hostname": "x", "Domainname": "", "AttachStdin": False, "Tty": False, "OpenStdin": False, "Image": "sha256:0", "Memory": 0})
ok("shell-is-text", plain, config={**base, "Shell": "/bin/sh"})
ok("steps-of-no-layers", plain, document={"history": [{"created_by": "x", "empty_layer": True}] * 3 + [None]})
ok("cmd-is-text", plain, config={"Cmd": "/say", "Entrypoint": "/bin/cat"})  # docker's StrSlice takes a string for a list of one
ok("entrypoint-taken-back", plain, config={**base, "Entrypoint": [""]})
ok("health-below-zero", plain, config={**base, "Healthcheck": {"Test": ["CMD-SHELL", "true"], "Interval": -5, "Retries": -1}})
ok("port-words", plain, config={**base, "ExposedPorts": {"80": {}, "53/udp": {}, "9000/sctp": None}})

# --- refused ---
# What is of another kind than docker reads: it would be skipped, and another program would run.
wrong = {"User": 5, "WorkingDir": 5, "StopSignal": 9, "StopTimeout": "5", "Hostname": [], "Image": 1, "Tty": "yes", "OpenStdin": 1, "NetworkDisabled": "x",
         "Env": "A=b", "OnBuild": "RUN true", "Cmd": [5], "Entrypoint": {}, "Labels": {"a": 5}, "ExposedPorts": ["80"], "Volumes": ["/x"], "Healthcheck": "x"}
for field, value in wrong.items():
    no("kind-" + field.lower(), "config.%s.*(expected|no text)" % field, plain, config={"Cmd": ["/bin/cat", "/say"], field: value})
for field, value in {"author": 5, "architecture": 5, "os": 5, "variant": 5, "os.version": 5, "os.features": "x", "created": 5, "config": "x", "history": {}}.items():
    no("kind-" + field.replace(".", "-"), field + ": expected", plain, document={field: value})
no("kind-rest", "config.StopTimeout: expected an integer", plain, config={"StopTimeout": 1.5})
no("no-time", "created: .yesterday. is no time", plain, document={"created": "yesterday"})
no("step-is-text", r"history\[0\]: expected an object", plain, document={"history": ["x"]})
no("step-of-a-kind", r"history\[1\].created_by: expected a string", plain, document={"history": [None, {"created_by": 5}]})
no("steps-without-layers", "3 entries that are no empty_layer, for 2 layers", plain, document={"history": [{}, {}, {"empty_layer": False}]})
no("windows", "windows", plain, document={"os": "windows"})
no("other-machine-only", "linux/" + OTHER, lambda i: i.index({**i.image(), "platform": {"os": "linux", "architecture": OTHER}}))
no("empty-index", "no image", lambda i: i.index())
no("index-of-itself-deep", "no image", lambda i: i.index(i.index(i.index(i.index(i.index(i.index(i.image())))))))
no("no-rootfs", "not a container image", plain, document={"rootfs": "ABSENT"})
no("null-diff-ids", "not a container image", plain, document={"rootfs": {"type": "layers", "diff_ids": None}})
no("fewer-diff-ids", "2 layers but 0 diff ids", plain, document={"rootfs": {"type": "layers", "diff_ids": []}})
no("wrong-diff-id", "promises", plain, document={"rootfs": {"type": "layers", "diff_ids": [sha(b"a"), sha(b"b")]}})
no("artifact", "artifact", lambda i: i.put({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "x/y", "config": i.put(b"{}", mediaType="application/vnd.oci.empty.v1+json"),
                                           "layers": [i.put(b"{}", mediaType="application/vnd.oci.empty.v1+json")]}, mediaType=MANIFEST))
no("manifest-list-and-layers", "", lambda i: i.put(b'{"schemaVersion":2,"manifests":[],"layers":[]}', mediaType=MANIFEST))
no("config-is-a-list", "", lambda i: i.put({"schemaVersion": 2, "config": i.put(b"[]", mediaType=OCI + "config.v1+json"), "layers": []}, mediaType=MANIFEST))

# Two images, the second damaged: neither is there afterwards.
i = Image("second-is-bad")
i.named(i.image(), "first-of-two:1").named(i.image(document={"rootfs": {"type": "layers", "diff_ids": [sha(b"a"), sha(b"b")]}}), "second-of-two:1")
i.write("no", "promises")


# --- docker's archive: many layers, many names ---
def docker(name, why, layers, tags):
    i = Image(name)
    i.files = {"config.json": json.dumps({"os": "linux", "architecture": ARCH, "rootfs": {"type": "layers", "diff_ids": [sha(BASE)] * layers}}).encode(), "l.tar": BASE,
               "manifest.json": json.dumps([{"Config": "config.json", "RepoTags": tags, "Layers": ["l.tar"] * layers}]).encode()}
    i.write("no", why, directly=True)


docker("40000-layers", "40000 layers", 40000, ["many:1"])
docker("20000-names", "10000 names", 1, ["many:%d" % n for n in range(20000)])
docker("bad-name", "invalid reference", 1, ["good:1", "BAD:1"])


# --- sparse files: a few bytes that claim terabytes ---
def field(number, size):
    return (b"%0*o" % (size - 1, number)) + b"\0" if number < 8 ** (size - 1) else b"\x80" + number.to_bytes(size - 1, "big")


def sparse(name, size, pieces):
    """A GNU header of type S: (offset, length) pieces of data, and the size with holes."""
    h = bytearray(512)
    h[0:len(name)] = name.encode()
    h[100:108], h[108:116], h[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
    data = b"".join(b"d" * n for _, n in pieces)
    h[124:136], h[136:148], h[156:157], h[257:265] = field(len(data), 12), field(0, 12), b"S", b"ustar  \0"
    for n, (at, count) in enumerate(pieces[:4]):
        h[386 + 24 * n:398 + 24 * n], h[398 + 24 * n:410 + 24 * n] = field(at, 12), field(count, 12)
    h[483:495] = field(size, 12)
    h[148:156] = b" " * 8
    h[148:156] = b"%06o\0 " % sum(h)
    return bytes(h) + data + bytes(-len(data) % 512)


def archive(name, why, *parts):
    with open("%s/no-%s.tar.gz" % (out, name), "wb") as f:
        f.write(gzip.compress(b"".join(parts) + bytes(1024), 9, mtime=0))
    open("%s/no-%s.why" % (out, name), "w").write(why)


archive("hole-of-2-TB", "refused", sparse("manifest.json", 2 << 40, [(0, 1), ((2 << 40) - 1, 1)]))
archive("hole-of-4-EB", "refused|damaged", sparse("manifest.json", 4 << 60, [(0, 1)]))
archive("data-behind-the-end", "refused|damaged|no image", sparse("manifest.json", 10, [(0, 1), (1 << 40, 1)]))
