"""What `func azure functionapp publish` would take along, by .funcignore."""

import subprocess
from pathlib import Path

import pathspec

ROOT = Path(__file__).parents[2]
APP = {
    "functions",
    "shared",
    "policy.yaml",
    "sources",
    "function_app.py",
    "host.json",
    "requirements.txt",
    "constraints.txt",
}


def published(files: list[str]) -> list[str]:
    ignored = pathspec.PathSpec.from_lines("gitignore", (ROOT / ".funcignore").open())
    return [file for file in files if not ignored.match_file(file)]


def test_of_the_repository_the_app_alone_is_published() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    tops = {Path(file).parts[0] for file in published(listed)}
    assert tops == APP


def test_what_a_developer_has_beside_the_repository_is_not_published() -> None:
    assert not published(
        [
            ".venv/bin/python",
            ".local/trusted.pem",
            ".git/config",
            ".github/workflows/ci.yml",
            ".mypy_cache/3.13/cache.db",
            "local.settings.json",
            "infra/main.bicep",
            "shared/__pycache__/clock.cpython-313.pyc",
        ]
    )


def test_the_packages_of_a_prebuilt_app_are_published() -> None:
    packages = [".python_packages/lib/site-packages/azure/functions/__init__.py"]
    assert published(packages) == packages
