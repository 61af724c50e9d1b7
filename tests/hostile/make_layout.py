#!/usr/bin/env python3
"""make_layout.py DIR multi|artifact - an OCI layout: one name for three platforms, or an artifact that is no image."""
import hashlib, io, json, os, sys, tarfile

d, which = sys.argv[1:3]
os.makedirs(d + "/blobs/sha256", exist_ok=True)
OCI = "application/vnd.oci.image."


def blob(data, media_type, **more):
    h = hashlib.sha256(data).hexdigest()
    with open(d + "/blobs/sha256/" + h, "wb") as f:
        f.write(data)
    return {"mediaType": media_type, "digest": "sha256:" + h, "size": len(data), **more}


def doc(value, media_type, **more):
    return blob(json.dumps(value).encode(), media_type, **more)


def layer(text):
    f = io.BytesIO()
    with tarfile.open(fileobj=f, mode="w") as t:
        info = tarfile.TarInfo("arch")
        info.size = len(text)
        t.addfile(info, io.BytesIO(text))
    return blob(f.getvalue(), OCI + "layer.v1.tar")


def image(arch):
    top = layer(arch.encode())
    config = doc({"architecture": arch, "os": "linux", "config": {},
                  "rootfs": {"type": "layers", "diff_ids": [top["digest"]]}}, OCI + "config.v1+json")
    return doc({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": config, "layers": [top]},
               OCI + "manifest.v1+json", platform={"os": "linux", "architecture": arch})


if which == "multi":
    entry = doc({"schemaVersion": 2, "mediaType": OCI + "index.v1+json",
                 "manifests": [image(a) for a in ("s390x", "arm64", "amd64")]}, OCI + "index.v1+json")
else:
    empty = blob(b"{}", "application/vnd.oci.empty.v1+json")
    entry = doc({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "artifactType": "application/vnd.example.sbom",
                 "config": empty, "layers": [empty]}, OCI + "manifest.v1+json")
entry["annotations"] = {"org.opencontainers.image.ref.name": which + ":1"}
with open(d + "/index.json", "w") as f:
    json.dump({"schemaVersion": 2, "manifests": [entry]}, f)
with open(d + "/oci-layout", "w") as f:
    f.write('{"imageLayoutVersion":"1.0.0"}')
