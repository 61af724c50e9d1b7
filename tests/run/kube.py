#!/usr/bin/env python3
"""kube.py FILE - what `compose kube` wrote, judged by kubectl's typed objects and by a small schema.

kubectl has no server here. `kubectl set env|selector --local` reads an object into the type of its kind and writes
it again: a wrong type is an error, and a field that the type does not know is missing afterwards. Kinds that it
cannot set anything in are held against the fields below. Prints one line per fault; exit status 1 when there is one.
"""
import json, subprocess, sys, yaml

META = {"name": str, "labels": dict, "annotations": dict}
PLAIN = {
    "ConfigMap": {"apiVersion": "v1", "kind": str, "metadata": META, "data": dict, "binaryData": dict},
    "Secret": {"apiVersion": "v1", "kind": str, "metadata": META, "data": dict, "type": str},
    "PersistentVolumeClaim": {"apiVersion": "v1", "kind": str, "metadata": META, "spec": {
        "accessModes": list, "resources": {"requests": {"storage": str}}}},
}
TYPED = {"Deployment": ("apps/v1", "env", "A_=1"), "DaemonSet": ("apps/v1", "env", "A_=1"), "Job": ("batch/v1", "env", "A_=1"),
         "Service": ("v1", "selector", "a=1")}
QUANTITIES = {"cpu", "memory", "sizeLimit"}  # kubectl writes 0.5 as 500m
bad = 0


def say(where, what):
    global bad
    bad = 1
    print(f"{where}: {what}")


def lost(a, b, path):
    if isinstance(a, dict):
        for k in a:
            if not isinstance(b, dict) or k not in b:
                yield f"{path}.{k} is no field"
            elif k not in QUANTITIES and path + "." + k != ".spec.selector":
                yield from lost(a[k], b[k], path + "." + k)
    elif isinstance(a, list):
        for i, x in enumerate(a):
            yield from lost(x, b[i], f"{path}[{i}]") if isinstance(b, list) and i < len(b) else [f"{path}[{i}] is lost"]
    elif a != b:
        yield f"{path}: {a!r} became {b!r}"


def plain(a, schema, path):
    for k, v in a.items():
        want = schema.get(k)
        if want is None:
            yield f"{path}.{k} is no field"
        elif isinstance(want, dict):
            yield from plain(v, want, path + "." + k)
        elif isinstance(want, str) and v != want or isinstance(want, type) and not isinstance(v, want):
            yield f"{path}.{k}: {v!r}"


for doc in yaml.safe_load_all(open(sys.argv[1])):
    kind, where = doc["kind"], f"{doc['kind']}/{doc['metadata']['name']}"
    if kind in PLAIN:
        for fault in plain(doc, PLAIN[kind], ""):
            say(where, fault)
        continue
    version, verb, value = TYPED[kind]
    if doc["apiVersion"] != version:
        say(where, doc["apiVersion"])
    r = subprocess.run(["kubectl", "set", verb, "--local", "-f", "-", "-o", "json", value], input=json.dumps(doc),
                       capture_output=True, text=True)
    if r.returncode:
        say(where, r.stderr.strip())
        continue
    for fault in lost(doc, json.loads(r.stdout), ""):
        say(where, fault)
sys.exit(bad)
