"""Byte code for every module, because nobody else can make it.

The package is mounted read-only: without byte code in it, each process of each instance compiles
all that it imports, and throws that away. It says itself that its source need not be looked at
(PEP 552, "unchecked hash"), so it holds whatever times unpacking gives to the files. A Python of
another minor version does not take it, and compiles as before.
"""

import importlib.util
import marshal
import sys
import warnings

from scripts.package.contents import Files

_UNCHECKED_HASH = (0b01).to_bytes(4, "little")


def byte_code(files: Files) -> Files:
    """What Python would write beside these modules, for the version that runs this."""
    return {
        _place(name): _compiled(name, content)
        for name, content in files.items()
        if name.endswith(".py")
    }


def _place(name: str) -> str:
    folder, _, module = name.rpartition("/")
    cached = f"__pycache__/{module.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
    return f"{folder}/{cached}" if folder else cached


def _compiled(name: str, content: bytes) -> bytes:
    with warnings.catch_warnings(action="ignore"):  # of others' code
        code = compile(content, name, "exec", dont_inherit=True, optimize=0)
    # What marshal writes depends on who else in this process refers to a text. Nobody refers to one
    # that was just read, and version 2 leaves such references out.
    alone = marshal.loads(marshal.dumps(code, 2))  # noqa: S302  what was dumped here
    head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(content)
    return head + marshal.dumps(alone)
