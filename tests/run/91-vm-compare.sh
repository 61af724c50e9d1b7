#!/bin/sh
# `compare`: one quick comparison, measured; what the kernel says of both sides; kept, shown again, drawn. And files that are none.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vm.sh"
need_root
starter_images

# --- without a machine: a kept comparison is shown anywhere ---
cat >"$T/kept.json" <<'J'
{ "version": 1, "image": "some<b>image", "accelerator": "tcg", "accelerator_why": "because", "host_release": "6.1", "vm_kernel": "6.2",
  "time": "2026-01-02T03:04:05.6Z", "runs": 3, "rows": [
  { "key": "first", "container": 4.0, "vm": 1200.5 }, { "key": "disk", "container": 2.0, "vm": 16.25 },
  { "key": "release", "container_text": "6.1", "vm_text": "6.2\u001b[31m" }, { "key": "from-a-later-version", "container": 1 } ] }
J
exits 0 "--replay" mc compare --replay "$T/kept.json" --svg "$T/kept.svg"
check "a ratio" "$(grep '^start to first' "$T/out" | head -1)" "~" '4.00 ms +1200 ms +300 x'
check "an emulated row is marked, a fair one is not" "$(grep -c '^start to first instruction \*' "$T/out") $(grep -c '^disk for the first one \*' "$T/out")" = "2 0"
check "published figures are named as such, with their source" "$(tr '\n' ' ' <"$T/out" | tr -s ' ')" "~" 'at most 125 ms.*published, not measured here: Agache et al'
check "no escape sequence of a file reaches the terminal" "$(grep -c "$(printf '\033')" "$T/out")" -eq 0
check "the chart is XML" "$(python3 -c "import sys, xml.dom.minidom as m; print(len(m.parse(sys.argv[1]).getElementsByTagName('rect')))" "$T/kept.svg")" -eq 7
check "and nobody's markup" "$(grep -c 'some<b>' "$T/kept.svg")" -eq 0
printf 'five\n3 x\n' | mc compare --predict --replay "$T/kept.json" >"$T/out" 2>"$T/err"
check "--predict asks again for what is no number" "$(grep -c 'A number is wanted' "$T/err") $(grep -c 'you guessed 3 x' "$T/out")" = "1 1"
check "... and only for rows that are shown" "$(grep -c 'how many fit' "$T/err")" = 0
printf '3\n\n1\n' | mc compare --predict --replay "$T/kept.json" >"$T/out" 2>"$T/err"
check "--predict asks, and shows the guess beside the figure" "$(cat "$T/out")" "~" 'you guessed 3 x, measured 300.1 x: it is more than you thought'
for bad in '{}' '[]' 'x' '{"version":2,"image":"a","accelerator":"a","accelerator_why":"a","host_release":"a","time":"a","rows":[]}' '{"version":1,"image":"a","accelerator":"a","accelerator_why":"a","host_release":"a","time":"a","rows":[{"key":"first","vm":"many"}]}'; do
	printf '%s' "$bad" >"$T/bad.json"; mc compare --replay "$T/bad.json" >/dev/null 2>"$T/err" && echo "$bad" >>"$T/taken"
done
check "what is no comparison is refused" "$(cat "$T/taken" 2>/dev/null)" = ""
exits 125 "--replay and an image" mc compare --replay "$T/kept.json" busybox
exits 1 "neither" mc compare
exits 125 "no runs" mc compare --runs 0 busybox
mkdir "$T/empty"
exits 125 "no qemu or no kernel: one sentence with the package" mc compare --kernel "$T/empty" busybox
check "its name" "$(cat "$T/err")" "~" 'package (linux-image-cloud|qemu-system)'

# --- measured ---
if ! mc vm info >"$T/vm-info" 2>&1; then skip "a comparison, measured" "$(grep -h install "$T/vm-info" | head -1 | cut -c1-150)"; plan $N; exit 0; fi
exits 0 "a comparison, end to end" mc compare --quick --runs 1 --json "$T/now.json" --svg "$T/now.svg" busybox sh -c 'exit 0'
row() { jq -r ".rows[] | select(.key == \"$1\") | .$2" "$T/now.json"; }
check "a machine takes longer to start" "$(jq '[.rows[] | select(.key == "first")][0] | .vm > .container and .container > 0' "$T/now.json")" = true
check "the command was timed too" "$(jq '[.rows[] | select(.key == "command")][0] | .vm > 0 and .container > 0' "$T/now.json")" = true
check "the container's kernel is the host's" "$(row release container_text) $(row boot container_text)" = "$(uname -r) the host's own"
check "the machine's is another" "$(row release vm_text) $(row boot vm_text)" = "$(jq -r .vm_kernel "$T/now.json") another one"
check "the container's program is in the host's /proc, the machine's is not" "$(row visible container_text) $(row visible vm_text)" = "yes no"
check "seven processes, and two" "$(row processes container) $(row processes vm)" = "7 2"
check "the machine takes more memory" "$(jq '[.rows[] | select(.key == "memory")][0] | .vm > 5 * .container and .container > 0' "$T/now.json")" = true
check "the host serves the container's calls, not the machine's" "$(jq '[.rows[] | select(.key == "calls")][0] | .container > 4500 and .vm < 4500' "$T/now.json")" = true
check "it says which accelerator" "$(cat "$T/out")" "~" 'The machine (was emulated|ran on the processor)'
check "the kept file shows the same" "$(mc compare --replay "$T/now.json" | tail -n +5)" = "$(tail -n +5 "$T/out")"
# An ordinary user who may not make cgroups: a bomb and a hog without limits would be on this computer.
. "$(dirname "$0")/user.sh"
make_user
if user unshare -Ur true 2>/dev/null && ! user test -w /sys/fs/cgroup/memory && ! user test -w /sys/fs/cgroup; then
	kernel=$(sed -n 's/^kernel: *//p' "$T/vm-info"); mkdir "$T/user/kernel"; mount --bind "${kernel%/boot/*}/" "$T/user/kernel" # where a user may look
	u internal starter >/dev/null 2>&1
	u compare --kernel "$T/user/kernel/boot/${kernel##*/}" --runs 1 --seconds 1 --json "$T/user/home/user.json" busybox >"$T/out" 2>"$T/err"
	check "without limits: no attack" "$(jq -r '[.rows[] | select(.key | test("bomb|hog")) | .note // "", has("container")] | unique | length' "$T/user/home/user.json") $(grep -c 'no limits here' "$T/out")" = "2 4"
	check "... the engine's warning once" "$(grep -c WARNING "$T/err")" -eq 1
else
	skip "without limits: no attack" "users have limits here, or no namespaces"
	skip "... the engine's warning once" "users have limits here, or no namespaces"
fi
end_user; umount "$T/user/kernel" 2>/dev/null
check "nothing is left" "$(mc ps -aq | wc -l) $(mc vm ps -aq | wc -l) $(ls "$T/root/containers" "$T/root/vm/containers" | grep -c '^[0-9a-f]')" = "0 0 0"
plan $N
