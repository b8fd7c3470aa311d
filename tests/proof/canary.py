"""Passwords that rotations really minted are searched for in everything that the stack wrote."""

import re
import subprocess
import sys
from pathlib import Path


def prove_no_leak(root: Path) -> bool:
    """Print what was searched; whether no password was found outside its three places."""
    command = [sys.executable, "-m", "pytest", "-q", "-s", "tests/app/test_rotation_leaks.py"]
    done = subprocess.run(command, check=False, cwd=root, capture_output=True, text=True)
    searched = re.search(r"searched: .*", done.stdout)
    clean = done.returncode == 0 and searched is not None
    print(f"canary: {searched[0] if searched else 'did not run'}: {'none' if clean else 'FOUND'}")
    if not clean:
        print(done.stdout[-3000:])
    return clean
