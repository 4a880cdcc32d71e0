#!/usr/bin/env bash
# Installs what is missing, builds, runs every test, and ends with a line "N passed, N failed".
# Arguments go to the test runner, for example:  ./test.sh -namespace 'OrderFlow.Tests.EndToEnd*'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/prerequisites.sh

require_sdk
require_programs rabbitmq-server=rabbitmq-server prometheus=prometheus promtool=prometheus \
    prometheus-alertmanager=prometheus-alertmanager amtool=prometheus-alertmanager curl=curl chromium=chromium
require_postgres
require_npm

echo "Building …"
dotnet build OrderFlow.sln -c Release --nologo -v minimal -clp:NoSummary

report=$(mktemp)
trap 'rm -f "$report"' EXIT
status=0
OrderFlow.Tests/bin/Release/net10.0/OrderFlow.Tests -reporter verbose -noColor "$@" </dev/null | tee "$report" || status=$?

# The runner's last line: Total: 3, Errors: 0, Failed: 1, Skipped: 0, Not Run: 0, Time: 0.1s
number() { sed -n "s/.*$1: \([0-9]*\),.*/\1/p" "$report" | tail -n 1; }
total=$(number Total) errors=$(number Errors) failed=$(number Failed) skipped=$(number Skipped) not_run=$(number 'Not Run')
if [ -z "$total" ]; then
    echo "The test runner ended with status $status before it could count." >&2
    echo "0 passed, 1 failed"
    exit 1
fi
if [ "$((failed + errors))" -gt 0 ]; then
    echo "What failed:"
    awk '/ \[FAIL\]$/ { failing = 1 } / \[(FINISHED|STARTING)\]/ { failing = 0 } failing' "$report"
fi
echo "$((total - failed - skipped - ${not_run:-0})) passed, $((failed + errors)) failed"
[ "$status" -eq 0 ] && [ "$((failed + errors))" -eq 0 ]
