#!/bin/sh
# After `azd provision`: which Graph permissions the identity lacks. Granting them takes an
# administrator, so it is told here and done by hand.
set -u
cd "$(dirname "$0")/.."
echo "Graph permissions of the identity ($SLUICE_GRAPH_PRINCIPAL); + is missing:"
.venv/bin/python -m scripts.graph_permissions --principal "$SLUICE_GRAPH_PRINCIPAL" ||
    echo "not known: sign in with az login as well"
echo "To grant them, as Privileged Role Administrator:"
echo "  python -m scripts.graph_permissions --principal $SLUICE_GRAPH_PRINCIPAL --apply"
