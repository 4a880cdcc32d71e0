#!/usr/bin/env bash
# Installs what is missing, builds, starts the whole system and prints its URLs. Ctrl+C stops all of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/prerequisites.sh

case "${1:-}" in
-h | --help)
    cat <<'HELP'
usage: ./run.sh [--Setting=value …]

Installs RabbitMQ, PostgreSQL, Prometheus and npm if they are missing, builds, and runs the AppHost, which prints where the
Aspire dashboard and the Monitor are. Every argument goes to it: the same as
dotnet run -c Release --project OrderFlow.AppHost -- --Setting=value …

  --Ports:Gateway=8080          where orders are posted
  --Ports:Dashboard=18888       the Aspire dashboard
  --Ports:Prometheus=9090       where the metrics are asked for
  --Replicas:OrderService=1     how many processes of a service run (Gateway, OrderService,
                                PaymentService, NotificationService, Monitor)
  --Simulation:Work=true        whether the services take the time that real work would take
  --Simulation:FailureRate=0    share of notifications that fail, 0 to 1
  --Simulation:DeclineRate=0    share of payments that are declined, 0 to 1
  --Simulation:PaymentLatency=2s    every payment takes that long

All settings:  dotnet run -c Release --project OrderFlow.AppHost -- --help
HELP
    exit 0
    ;;
esac

require_sdk
require_programs rabbitmq-server=rabbitmq-server prometheus=prometheus \
    prometheus-alertmanager=prometheus-alertmanager
require_postgres
require_npm

echo "Building …"
dotnet build OrderFlow.AppHost -c Release --nologo -v minimal -clp:NoSummary
# What dotnet run would start, without dotnet run in between: a signal for this script reaches the AppHost itself.
export DOTNET_ENVIRONMENT="${DOTNET_ENVIRONMENT:-Development}"
exec dotnet OrderFlow.AppHost/bin/Release/net10.0/OrderFlow.AppHost.dll "$@"
