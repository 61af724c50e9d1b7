. "$(dirname "$0")/../../lib.sh"
image=notes:$(word image)
minictr run --name ex-make busybox sh -c "echo $(word old) > /note" && minictr commit ex-make "$image" >/dev/null && minictr rm ex-make >/dev/null
minictr run -d --name first "$image" sh -c "echo $(word new) > /note; sleep 100000" >/dev/null
keep images "$(minictr images -q --no-trunc | sort | tr '\n' ' ')"
keep image "$(minictr image inspect --format '{{.Id}}' "$image")"
