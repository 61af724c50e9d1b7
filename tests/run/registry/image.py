#!/usr/bin/env python3
"""image.py DIR LAYERS KB [KIND]: an image of random content as an OCI layout, name "x". Prints the manifest's digest.

KIND: gzip (default), zstd, none: how layers are compressed. bomb: one layer of a few KB that unpacks to 8 GB of zeros.
artifact: an ORAS-like artifact with the empty config. index: three platforms, this machine's in the middle.
docker2: Docker schema 2 media types. baddiff: the configuration promises another tar than the layer holds.
badkind: a field of the configuration is of the wrong kind.
"""
import gzip, hashlib, io, json, os, platform, subprocess, sys, tarfile, zlib

d, n, kb = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
kind = sys.argv[4] if len(sys.argv) > 4 else "gzip"
blobs = d + "/blobs/sha256"
os.makedirs(blobs, exist_ok=True)
OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."

def put(data):
    h = hashlib.sha256(data).hexdigest()
    with open(blobs + "/" + h, "wb") as f:
        f.write(data)
    return {"digest": "sha256:" + h, "size": len(data)}

def doc(o):
    return put(json.dumps(o).encode())

def tar(name, content):
    f = io.BytesIO()
    t = tarfile.open(fileobj=f, mode="w")
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    t.addfile(info, io.BytesIO(content))
    t.close()
    return f.getvalue()

def bomb():
    """gzip of a tar with one huge file of zeros: made piecewise, never in memory as a whole."""
    c, out, size = zlib.compressobj(9, zlib.DEFLATED, 31), [], 8 << 30
    info = tarfile.TarInfo("zeros"); info.size = size
    out.append(c.compress(info.tobuf(tarfile.GNU_FORMAT)))
    piece = bytes(1 << 20)
    for _ in range(256):  # 256 MB are enough to be noticed: the archive then simply ends
        out.append(c.compress(piece))
    out.append(c.flush())
    return b"".join(out)

def layer(i, random):
    t = tar("file%d" % i, random)
    diff = "sha256:" + hashlib.sha256(t).hexdigest()
    if kind == "bomb":
        b, how = bomb(), "+gzip"
        diff = "sha256:" + "0" * 64
    elif kind == "zstd":
        b, how = subprocess.run(["zstd", "-q", "-c"], input=t, stdout=subprocess.PIPE, check=True).stdout, "+zstd"
    elif kind == "none":
        b, how = t, ""
    else:
        b, how = gzip.compress(t, 1, mtime=0), "+gzip"
    if kind == "baddiff":
        diff = "sha256:" + hashlib.sha256(t + b"x").hexdigest()
    type_ = DOCKER + "image.rootfs.diff.tar.gzip" if kind == "docker2" else OCI + "layer.v1.tar" + how
    return dict(mediaType=type_, **put(b)), diff

def manifest(arch, variant=None):
    layers, diffs = [], []
    for i in range(n):
        l, diff = layer(i, os.urandom(kb * 1024))
        layers.append(l); diffs.append(diff)
    config = {"architecture": arch, "os": "linux", "config": {"Cmd": ["/bin/sh"], "Env": 5 if kind == "badkind" else ["ARCH=" + arch]},
              "rootfs": {"type": "layers", "diff_ids": diffs}}
    if kind == "docker2":
        m, c = DOCKER + "distribution.manifest.v2+json", DOCKER + "container.image.v1+json"
    else:
        m, c = OCI + "manifest.v1+json", OCI + "config.v1+json"
    cd = dict(mediaType=c, **doc(config))
    if kind == "artifact":
        cd = dict(mediaType="application/vnd.oci.empty.v1+json", **put(b"{}"))
        layers = [dict(mediaType="text/plain", **put(b"just a file"))]
    out = dict(mediaType=m, **doc({"schemaVersion": 2, "mediaType": m, "config": cd, "layers": layers}))
    out["platform"] = {"os": "linux", "architecture": arch}
    if variant:
        out["platform"]["variant"] = variant
    return out

here = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
if kind == "index":
    other = "arm64" if here == "amd64" else "amd64"
    top = dict(mediaType=OCI + "index.v1+json", **doc({"schemaVersion": 2, "mediaType": OCI + "index.v1+json",
        "manifests": [manifest(other), manifest(here), manifest("s390x")]}))
else:
    top = manifest(here)
top["annotations"] = {"org.opencontainers.image.ref.name": "x"}
with open(d + "/index.json", "w") as f:
    json.dump({"schemaVersion": 2, "manifests": [top]}, f)
with open(d + "/oci-layout", "w") as f:
    f.write('{"imageLayoutVersion":"1.0.0"}')
print(top["digest"])
