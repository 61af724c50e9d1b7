. "$(dirname "$0")/../../lib.sh"
app=/tmp/$(word folder)
mkdir -p "$app"
echo "$(word package)" >"$app/packages.txt"
echo "$(word main)" >"$app/main.txt"
cat >"$app/Dockerfile" <<'END'
FROM busybox
COPY . /app
RUN cat /app/packages.txt >/installed && head -c 16 /dev/urandom | od -An -tx1 >>/installed
END
