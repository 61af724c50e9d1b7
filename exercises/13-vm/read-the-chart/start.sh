. "$(dirname "$0")/../../lib.sh"
if [ "$(number which 0 1)" = 0 ]; then disk=$(number d 60 90) ten=$(number t 60 90); else disk=$(number d 12 14) ten=$(number t 300 400); fi
cat >"$LAB_STATE/kept.json" <<J
{ "version": 1, "image": "shop", "accelerator": "tcg", "accelerator_why": "no /dev/kvm for us", "host_release": "6.1.0", "vm_kernel": "6.1.0",
  "time": "2025-11-03T10:00:00Z", "runs": 5, "rows": [
  { "key": "first", "container": 5, "vm": $(( $(number ratio 180 400) * 5 )) }, { "key": "memory", "container": 1.5, "vm": $(number m 200 260) },
  { "key": "disk", "container": 10, "vm": $disk }, { "key": "ten", "container": 20, "vm": $ten },
  { "key": "release", "container_text": "6.1.0", "vm_text": "6.1.0" }, { "key": "boot", "container_text": "the host's own", "vm_text": "another one" },
  { "key": "calls", "container": 4512, "vm": $(number c 150 900) }, { "key": "cpu", "container": 70, "vm": $(number p 900 1900) } ] }
J
echo "The file: $LAB_STATE/kept.json"
