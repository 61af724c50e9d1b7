. "$(dirname "$0")/../../lib.sh"
dir=$LAB_STATE/shop; mkdir -p "$dir"; keep dir "$dir"
cat >"$dir/ask" <<'END'
#!/bin/sh
port=80; [ "$1" != redis ] || port=6379
[ "$(printf 'GET /ping HTTP/1.0\r\n\r\n' | nc -w 2 "$1" $port 2>/dev/null | tail -1)" = PONG ]
END
cat >"$dir/Dockerfile" <<'END'
FROM busybox
COPY ask /ask
RUN \
    printf '#!/bin/sh\nmkdir -p /d; echo PONG >/d/ping; sleep 1.5; exec httpd -f -p 6379 -h /d\n' >/redis && \
    printf '#!/bin/sh\n/ask redis || { echo no answer from redis; exit 1; }\nmkdir -p /d; echo PONG >/d/ping; sleep 1.5; exec httpd -f -p 80 -h /d\n' >/web && \
    printf '#!/bin/sh\n/ask redis && /ask web || { echo no answer; exit 1; }\nexec sleep 100000\n' >/worker && chmod 755 /ask /redis /web /worker
END
minictr build -q -t ex-shop:1 "$dir" >/dev/null
rm "$dir/Dockerfile" "$dir/ask"
cat >"$dir/compose.yaml" <<'END'
name: ex-shop
services:
  worker: {image: "ex-shop:1", init: true, command: /worker}
  web: {image: "ex-shop:1", init: true, command: /web}
  redis: {image: "ex-shop:1", init: true, command: /redis}
END
echo "the file: $dir/compose.yaml"
