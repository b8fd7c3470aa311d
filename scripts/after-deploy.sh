#!/bin/sh
# After `azd deploy`: the smoke test, with the function key of the app.
set -eu
cd "$(dirname "$0")/.."
SLUICE_KEY=$(az functionapp keys list -g "$AZURE_RESOURCE_GROUP" -n "$SLUICE_APP" \
    --query functionKeys.default -o tsv)
export SLUICE_KEY
exec .venv/bin/python scripts/smoke_test.py "$SLUICE_URL"
