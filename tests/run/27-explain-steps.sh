#!/bin/sh
# 27-explain-steps.sh - the roads as explain tells them: golden walks (run, exec, a user namespace), and the table of all
# steps in tutorial/explain.md. After a wanted change: sh tests/golden/update.sh
. "$(dirname "$0")/lib.sh"
need_root
needs python3 || skip_all "needs python3"
plan 11
starter_images
. "$HERE/tests/golden/run.sh"
mc run -d --name golden busybox sleep 1000 >/dev/null
for walk in $walks; do
	golden "$walk" >"$T/$walk.steps"
	check "$walk: the steps of each process, in order, are the golden ones" "$(diff "$HERE/tests/golden/$walk.steps" "$T/$walk.steps")" = ""
	check "... and they are many enough to mean something" "$(wc -l <"$T/$walk.steps")" -ge 12
done
check "the table of all steps is what the sources say" "$(python3 "$HERE/tests/golden/steps.py" check 2>&1)" = ""
# The generator itself: what it does not understand is an error, never a row less.
mkdir -p "$T/copy/tests/golden" "$T/copy/minictr" "$T/copy/tutorial"
cp "$HERE/tests/golden/steps.py" "$T/copy/tests/golden/"; cp "$HERE/tutorial/explain.md" "$T/copy/tutorial/"
cp -r "$HERE/minictr/." "$T/copy/minictr/"
steps() { python3 "$T/copy/tests/golden/steps.py" "$@" 2>&1 >/dev/null; }
sed -i 's/{ init_switch_root, NULL, NULL, "rootfs.pivot", 1,/{ init_switch_root, NULL, NULL, PIVOT, 1,/' "$T/copy/minictr/runtime/init.c"
check "a row that cannot be read is an error" "$(steps)" "~" 'runtime/init.c: init_steps has a row'
cp "$HERE/minictr/runtime/init.c" "$T/copy/minictr/runtime/init.c"
sed -i 's/explain_step("delete.all"/explain_step(which/' "$T/copy/minictr/runtime/delete.c"
check "so is a call without a literal id" "$(steps)" "~" 'runtime/delete.c: a call of explain_step'
cp "$HERE/minictr/runtime/delete.c" "$T/copy/minictr/runtime/delete.c"
sed -i 's/"init.created"/"create.created"/' "$T/copy/minictr/runtime/init.c"
check "so is an id that stands twice" "$(steps)" "~" 'create.created stands in .*create.c too'
cp "$HERE/minictr/runtime/init.c" "$T/copy/minictr/runtime/init.c"
sed -i '/^| `rootfs.pivot`/d' "$T/copy/tutorial/explain.md"
check "a step that is missing on the page is named" "$(steps check)" "~" 'only in the sources: .*rootfs.pivot'
