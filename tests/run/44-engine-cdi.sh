#!/bin/sh
# 44-engine-cdi.sh - --gpus and --device VENDOR/CLASS=NAME: what the files of the Container Device Interface say is in the container.
. "$(dirname "$0")/lib.sh"
need_root
plan 16
starter_images
# An /etc of this test's own: its mount namespace goes with it.
mkdir "$T/up" "$T/work"; mount -t overlay -o "lowerdir=/etc,upperdir=$T/up,workdir=$T/work" overlay /etc || skip_all "no overlay on /etc"
cleanup() { umount -l /etc 2>/dev/null; }
mc run -d --gpus all busybox true >"$T/out" 2>"$T/err"; check "no file: one sentence, docker's exit code" "$? $(cat "$T/err")" "~" '^125 .*unresolvable CDI device gpu=all.*'
check "and how to get one" "$(cat "$T/err")" "~" 'nvidia-ctk cdi generate'
mkdir -p /etc/cdi; mkdir "$T/lib"; echo driver >"$T/lib/so"
cat >"$T/hook" <<H
#!/bin/sh
cat >/dev/null; echo "\$1" >>"$T/hooked"
H
chmod 755 "$T/hook"
cat >/etc/cdi/acme.json <<J
{"cdiVersion": "0.6.0", "kind": "acme.example/gpu", "devices": [
  {"name": "0", "containerEdits": {"env": ["CARD=0"], "deviceNodes": [{"path": "/dev/acme0", "hostPath": "/dev/null"}]}},
  {"name": "1", "containerEdits": {"env": ["CARD1=1"], "deviceNodes": [{"path": "/dev/acme1", "type": "c", "major": 1, "minor": 5, "permissions": "r"}]}}],
 "containerEdits": {"env": ["ACME=on"], "additionalGids": [4242], "mounts": [{"hostPath": "$T/lib", "containerPath": "/usr/acme", "options": ["ro", "bind"]}],
  "hooks": [{"hookName": "createContainer", "path": "$T/hook", "args": ["hook", "called"]}]}}
J
see='echo $CARD.$CARD1.$ACME; stat -c %t:%T /dev/acme* 2>/dev/null; cat /usr/acme/so; id -G | tr " " "\n" | grep 4242'
check "--gpus all: each device, and what all need" "$(mc run --rm --gpus all busybox sh -c "$see" | paste -sd' ')" = "0.1.on 1:3 1:5 driver 4242"
check "its hook ran" "$(sort -u "$T/hooked")" = called
check "--gpus 1: the first" "$(mc run --rm --gpus 1 busybox sh -c "$see" | paste -sd' ')" = "0..on 1:3 driver 4242"
check "--gpus device=1" "$(mc run --rm --gpus '"device=1"' busybox sh -c "$see" | paste -sd' ')" = ".1.on 1:5 driver 4242"
check "--device VENDOR/CLASS=NAME" "$(mc run --rm --device acme.example/gpu=0 busybox sh -c "$see" | paste -sd' ')" = "0..on 1:3 driver 4242"
check "only what the node allows" "$(mc run --rm --device acme.example/gpu=1 busybox sh -c 'head -c1 /dev/acme1 | wc -c; touch /usr/acme/x 2>&1')" "~" 'Read-only'
exits 125 "a name that is not there" mc run --rm --device acme.example/gpu=7 busybox true
check "is named" "$(cat "$T/err")" "~" 'acme.example/gpu=7'
check "inspect has docker's words" "$(mc create --name card --gpus 2 busybox true >/dev/null; mc inspect -f '{{json .HostConfig.DeviceRequests}}' card)" "~" '"Count":2,.*"Capabilities":.."gpu"'
echo '{"kind": "x.example/y", "devices": [{"name": "0", "containerEdits": {"mounts": [{"hostPath": "/tmp"}]}}]}' >/etc/cdi/odd.json
exits 125 "a file that says half" mc run --rm --device x.example/y=0 busybox true
check "is told where" "$(cat "$T/err")" "~" 'destination'
rm /etc/cdi/*; mkdir -p /etc/cdi
cat >/etc/cdi/acme.yaml <<Y
cdiVersion: "0.6.0"
kind: acme.example/gpu
containerEdits:
  env: [ACME=on]
  mounts:
    - hostPath: $T/lib
      containerPath: /usr/acme
      options: [ro, bind]
  additionalGids: [4242]
devices:
  - name: "0"   # a string, however much it looks like a number
    containerEdits:
      env:
        - CARD=0
      deviceNodes: [{path: /dev/acme0, type: c, major: 1, minor: 3, fileMode: 438}]
Y
echo 'kind: [' >/etc/cdi/notes.txt
check "a file in YAML" "$(mc run --rm --gpus all busybox sh -c "$see" | paste -sd' ')" = "0..on 1:3 driver 4242"
echo 'kind: [' >/etc/cdi/odd.yaml
exits 125 "one that is none" mc run --rm --gpus all busybox true
check "is named with the place" "$(paste -sd' ' "$T/err")" "~" 'odd.yaml:[0-9]*:[0-9]*.*odd.yaml cannot be read'
