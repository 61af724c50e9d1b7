#!/bin/sh
# 13-config-fields.sh - each field of config.json is read wholly or refused: every field of tests/unit/config_full.json is spoiled,
# one at a time, and `create` must name it in one sentence. A field without a row in tail/config_fields.c fails here.
. "$(dirname "$0")/lib.sh"; . "$HERE/tests/run/bundle.sh"
needs python3 || skip_all "needs python3"
plan 8
mkdir -p "$T/b/rootfs"
cat >"$T/spoil.py" <<'P'
import copy, json, re, subprocess, sys
oci, full, bundle, state = sys.argv[1:]
doc = json.load(open(full))
def create(d):
    json.dump(d, open(bundle + "/config.json", "w"))
    r = subprocess.run([oci, "--root", state, "create", "-b", bundle, "x"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return r.returncode, r.stderr
def walk(v, path=()):
    yield path, v
    for k in (v if isinstance(v, dict) else range(len(v)) if isinstance(v, list) else ()):
        yield from walk(v[k], path + (k,))
def name(path):
    return "".join("[%d]" % k if isinstance(k, int) else "." + k for k in path).lstrip(".")
def put(path, value):
    d = copy.deepcopy(doc); at = d
    for k in path[:-1]: at = at[k]
    at[path[-1]] = value
    return d
# What no field of this kind may hold. 2^64-1 is a number of the kind that JSON can hold and an int64 cannot.
WRONG = {bool: ["true", 1, [], {}], int: ["7", 1.5, True, [], {}, -9223372036854775808, 18446744073709551615],
         str: [7, True, [], {}, "a\0b"], list: ["x", 7, {"a": 1}], dict: ["x", 7, [1]]}
WIDE = r"\.(soft|hard|limit|rate|shares|period|runtime|deadline|value|valueTwo)$"  # 2^64-1 is a value of these
LOW = r"timeOffsets\.\w+\.secs$"                                                   # and any int64 of these
missed, unnamed, n = [], [], 0
def try_one(path, value):
    global n
    n += 1
    rc, said = create(put(path, value)); place = name(path)
    if rc != 1: missed.append("%s=%r" % (place, value))
    elif not any(re.search(r"(^|[ .])" + re.escape(p) + r"\b", said) for p in (place, re.sub(r"\[\d+\]$", "", place))) or said.count("\n") > 2: unnamed.append("%s: %s" % (place, said.strip()))
for path, v in walk(doc):
    if not path or name(path).startswith("annotations."): continue
    for bad in WRONG[type(v)]:
        if bad == 18446744073709551615 and re.search(WIDE, name(path)) and not re.search("memory|pids", name(path)): continue
        if bad == -9223372036854775808 and re.search(LOW, name(path)): continue
        try_one(path, bad)
print("fields", n > 900, n)
print("wrong kinds accepted:", ", ".join(missed) or "none"); print("unnamed:", "; ".join(unnamed[:5]) or "none")
missed, unnamed = [], []
P, R, S = ("process",), ("linux", "resources"), ("linux", "seccomp")
for path, values in {
    P + ("consoleSize", "height"): [65536], P + ("user", "uid"): [4294967295, 4294967296], P + ("user", "gid"): [4294967295], P + ("user", "umask"): [512],
    P + ("user", "additionalGids", 0): [4294967295], P + ("scheduler", "policy"): ["SCHED_FAST", ""], P + ("scheduler", "nice"): [20],
    P + ("scheduler", "flags", 0): ["SCHED_FLAG", "SCHED_FLAG_RECLAIM SCHED_FLAG_RESET_ON_FORK"], P + ("scheduler", "priority"): [100], P + ("ioPriority", "class"): ["RT"], P + ("ioPriority", "priority"): [8],
    P + ("execCPUAffinity", "initial"): ["0-", "a", "1,,2", "1-2-3", ",", "1 2"], P + ("oomScoreAdj",): [1001, -1001], P + ("rlimits", 0, "type"): ["RLIMIT_NOFILES"],
    ("mounts", 0, "options", 1): ["readonly", "size=1m"], ("mounts", 0, "uidMappings", 0, "size"): [0],
    ("hooks", "poststop", 0, "timeout"): [0, -1, 4294967296], ("hooks", "prestart", 0, "path"): ["bin/x"],
    ("linux", "namespaces", 0, "type"): ["mnt"], ("linux", "uidMappings", 0, "size"): [0], ("linux", "timeOffsets", "monotonic", "nanosecs"): [1000000000],
    ("linux", "devices", 0, "type"): ["d", "cb"], ("linux", "devices", 0, "fileMode"): [262144], ("linux", "devices", 0, "uid"): [4294967295], ("linux", "rootfsPropagation"): ["slaves"],
    R + ("memory", "limit"): [-5], R + ("memory", "swap"): [-2], R + ("memory", "reservation"): [-2], R + ("memory", "swappiness"): [101], R + ("cpu", "quota"): [-2], R + ("cpu", "cpus"): ["0-", "all"],
    R + ("cpu", "mems"): ["x"], R + ("cpu", "idle"): [2], R + ("pids", "limit"): [-2], R + ("blockIO", "weight"): [1001], R + ("blockIO", "weightDevice", 0, "weight"): [1001],
    R + ("network", "classID"): [4294967296], R + ("rdma", "mlx5_1", "hcaHandles"): [4294967296],
    S + ("defaultErrnoRet",): [65536], S + ("syscalls", 0, "errnoRet"): [65536], S + ("syscalls", 0, "args", 0, "index"): [6], ("linux", "personality", "domain"): ["LINUX64"], ("ociVersion",): ["1.2", "3.0.0"],
}.items():
    for v in values: try_one(path, v)
print("values that mean nothing accepted:", ", ".join(missed) or "none"); print("unnamed:", "; ".join(unnamed[:5]) or "none")
missed = []
for path in (P + ("cwd",), P + ("consoleSize", "width"), P + ("rlimits", 0, "soft"), P + ("scheduler", "policy"), P + ("ioPriority", "class"), ("root", "path"), ("mounts", 0, "destination"),
             ("hooks", "poststart", 0, "path"), ("linux", "uidMappings", 0, "size"), ("linux", "devices", 0, "type"), R + ("devices", 0, "allow"), R + ("blockIO", "throttleReadBpsDevice", 0, "rate"),
             R + ("blockIO", "weightDevice", 0, "major"), R + ("hugepageLimits", 0, "limit"), R + ("network", "priorities", 0, "name"), S + ("defaultAction",), S + ("syscalls", 0, "action"),
             S + ("syscalls", 0, "args", 0, "op"), ("linux", "personality", "domain"), ("ociVersion",)):
    d = put(path, 0); at = d
    for k in path[:-1]: at = at[k]
    del at[path[-1]]
    rc, said = create(d)
    if rc != 1 or path[-1] not in said: missed.append(name(path) + ": " + said)
print("needed and not missed:", ", ".join(missed) or "none")
P
python3 "$T/spoil.py" "$BIN/minictr-oci" "$HERE/tests/unit/config_full.json" "$T/b" "$T/oci" >"$T/said" 2>&1 || true
said() { sed -n "$1p" "$T/said"; }
check "more than 900 spoiled documents" "$(said 1)" "~" '^fields True'
check "no field takes a value of another kind" "$(said 2)" = "wrong kinds accepted: none"
check "the message names the field, in one sentence" "$(said 3)" = "unnamed: none"
check "nor one that means nothing, or would be cut" "$(said 4)" = "values that mean nothing accepted: none"
check "which is named as well" "$(said 5)" = "unnamed: none"
check "what is needed and missing is named" "$(said 6)" = "needed and not missed: none"
echo '{"memory":{"limit":-5}}' >"$T/res"
bundle "$T/u" '.process.args=["sleep","60"]'; oci run -d -b "$T/u" u1 </dev/null >/dev/null 2>&1
exits 1 "update reads the same table" oci update --resources "$T/res" u1
check "and names the place" "$(cat "$T/err")" "~" 'memory.limit: -5 is not between -1 and'
oci delete --force u1
