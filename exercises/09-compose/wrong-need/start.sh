. "$(dirname "$0")/../../lib.sh"
dir=$LAB_STATE/needs; mkdir -p "$dir"; keep dir "$dir"
c1=service_completed_successfully c2=service_completed_successfully
# One of the two one-shots is waited for as if it were a server.
case $(number which 1 2) in 1) c1=service_healthy ;; *) c2=service_healthy ;; esac
one=$(word one) two=$(word two)
keep names "$one $two"
cat >"$dir/compose.yaml" <<END
name: ex-needs
services:
  web:
    image: busybox
    init: true
    command: sh -c 'test -f /data/$one && test -f /data/$two && exec sleep 100000'
    volumes: ["data:/data"]
    depends_on: {db: {condition: service_healthy}, $two: {condition: $c2}}
  $two:
    image: busybox
    command: sh -c 'test -f /data/$one && sleep 0.3 && touch /data/$two'
    volumes: ["data:/data"]
    depends_on: {db: {condition: service_healthy}, $one: {condition: $c1}}
  $one:
    image: busybox
    command: sh -c 'sleep 0.5; test -f /data/db && touch /data/$one'
    volumes: ["data:/data"]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: busybox
    init: true
    command: sh -c 'sleep 0.5; touch /data/db; exec sleep 100000'
    volumes: ["data:/data"]
    healthcheck: {test: test -f /data/db, interval: 200ms, retries: 50}
    depends_on: {cache: {condition: service_started}}
  cache: {image: busybox, init: true, command: sleep 100000}
volumes: {data: {}}
END
cp "$dir/compose.yaml" "$LAB_STATE/original"
echo "the file: $dir/compose.yaml"
