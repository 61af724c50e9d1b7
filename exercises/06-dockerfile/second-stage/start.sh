. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
mkdir -p "$app"
cat >"$app/Dockerfile" <<END
FROM busybox
RUN mkdir /compiler && head -c 4000000 /dev/urandom >/compiler/$(word compiler)
RUN test -e /compiler/$(word compiler) && printf '#!/bin/sh\necho $(word says)\n' >/bin/$(word tool) && chmod 755 /bin/$(word tool)
CMD ["$(word tool)"]
END
minictr build -q -t "fat:$(word tag)" "$app" >/dev/null
