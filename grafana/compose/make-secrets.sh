#!/bin/sh
# Makes the secrets of docker-compose.yml, each in a file of its own. One that is there stays as it is: InfluxDB and
# Grafana know theirs from the first start. What a variable says is taken instead, also of one that is there.
set -eu
cd "${1:-/secrets}"
mkdir -p influxdb grafana

# make FILE [VARIABLE]
make() {
  value=$(printenv "${2:-}" || true)
  if [ -z "$value" ]; then
    [ ! -s "$1" ] || return 0
    value=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
  fi
  if [ "${#value}" -lt 8 ]; then
    echo "$1: a secret needs 8 characters or more" >&2
    exit 1
  fi
  # Moved when it is whole. Readable by all, for each container has another user, and only they see the volumes.
  printf %s "$value" >"$1.new"
  chmod 444 "$1.new"
  mv -f "$1.new" "$1"
}

make influxdb/password INFLUXDB_PASSWORD
make influxdb/token INFLUXDB_TOKEN
make grafana/password GRAFANA_PASSWORD
make grafana/influxdb-password
echo "Grafana's user is admin; its password: docker compose exec grafana cat /secrets/grafana/password"
