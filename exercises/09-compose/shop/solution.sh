. "$(dirname "$0")/../../lib.sh"
cat >"$(kept dir)/compose.yaml" <<'END'
name: ex-shop
services:
  worker:
    image: ex-shop:1
    init: true
    command: /worker
    depends_on: {redis: {condition: service_healthy}, web: {condition: service_healthy}}
  web:
    image: ex-shop:1
    init: true
    command: /web
    depends_on: {redis: {condition: service_healthy}}
    healthcheck: {test: /ask localhost, interval: 300ms, retries: 50}
  redis:
    image: ex-shop:1
    init: true
    command: /redis
    healthcheck: {test: /ask redis, interval: 300ms, retries: 50}
END
