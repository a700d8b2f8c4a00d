#!/bin/sh
# Run by InfluxDB's image after the first set-up: the user that Grafana reads with.
set -eu

influx v1 auth create \
  --org "$DOCKER_INFLUXDB_INIT_ORG" \
  --username grafana \
  --password "$(cat /secrets/grafana/influxdb-password)" \
  --read-bucket "$DOCKER_INFLUXDB_INIT_BUCKET_ID" \
  --description "Grafana reads the dashboards' data"
