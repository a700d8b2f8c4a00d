#!/bin/sh
# Makes .env for docker-compose.yml, with random secrets. One that is there stays as it is: InfluxDB's volume has its
# secrets from the first start.
set -eu
umask 077

if [ -e .env ]; then
  echo ".env is there already; remove it, and the volumes with docker compose down --volumes, to begin anew" >&2
  exit 1
fi
for name in INFLUXDB_PASSWORD INFLUXDB_TOKEN GRAFANA_INFLUXDB_PASSWORD GRAFANA_PASSWORD; do
  echo "$name=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
done >.env
cat >>.env <<'END'

# Your own configuration instead of the demo company:
#DORADO_CONFIG=./dorado.yaml
END
echo ".env has the secrets; the password of Grafana's user admin is GRAFANA_PASSWORD"
