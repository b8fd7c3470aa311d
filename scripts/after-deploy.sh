#!/bin/sh
# After `azd deploy`: the smoke test, with the function key of the app, and with a token of whoever
# is signed in where callers have to show one. The first deployment of all still lacks the Graph
# permissions that an administrator grants next: that is told, and is no failure.
set -eu
cd "$(dirname "$0")/.."
SLUICE_KEY=$(az functionapp keys list --subscription "$AZURE_SUBSCRIPTION_ID" \
    -g "$AZURE_RESOURCE_GROUP" -n "$SLUICE_APP" --query functionKeys.default -o tsv)
export SLUICE_KEY
if [ -n "${SLUICE_API_CLIENT_ID:-}" ]; then
    SLUICE_TOKEN=$(az account get-access-token --scope "$SLUICE_API_CLIENT_ID/.default" \
        --query accessToken -o tsv)
    export SLUICE_TOKEN
fi
result=0
.venv/bin/python scripts/smoke_test.py "$SLUICE_URL" || result=$?
if [ "$result" = 3 ]; then
    echo "Grant them (docs/deploy/README.md, step 2), restart the app, then: azd hooks run postdeploy"
    exit 0
fi
exit "$result"
