#!/bin/sh
# Prints the path of a Python 3.13 of this machine.
# A pyenv shim named python3.13 may exist and still fail, so each candidate has to prove itself.

is_python_313() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null
}

candidates() {
    echo python3.13
    ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13 2>/dev/null
    echo python3
}

candidates | {
    while IFS= read -r candidate; do
        if is_python_313 "$candidate"; then
            command -v "$candidate"
            exit 0
        fi
    done
    echo "Python 3.13 is needed and was not found." >&2
    echo "Install it with its venv module (Debian: apt-get install python3.13-venv; pyenv: pyenv install 3.13)." >&2
    exit 1
}
