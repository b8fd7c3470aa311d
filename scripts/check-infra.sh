#!/bin/sh
# Checks infra/ with every means that this machine has: a parser and our own policies always; a
# checker of types, where ../shared/tools has it; the compiler itself, where az is.
# Everything runs even when something fails; any failure is the result.
set -u
cd "$(dirname "$0")/.."
failed=0

.venv/bin/python -m pytest tests/infra || failed=1

checker=../shared/tools/check_bicep.py
if [ -f "$checker" ]; then
    .venv/bin/python "$checker" --level warning infra || failed=1
else
    echo "infra: types not checked, there is no $checker"
fi

if command -v az >/dev/null; then
    for file in infra/main.bicep infra/resources.bicep infra/graph/*.bicep; do
        az bicep lint --file "$file" && az bicep build --file "$file" --stdout >/dev/null || failed=1
    done
    for file in infra/main.bicepparam infra/environments/*.bicepparam; do
        SLUICE_API_CLIENT_ID=checked SLUICE_API_CALLERS=checked \
            az bicep build-params --file "$file" --stdout >/dev/null || failed=1
    done
else
    echo "infra: not compiled, there is no az"
fi
exit "$failed"
