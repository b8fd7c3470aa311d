"""The policy file, loaded when it is first needed and kept."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from shared.faults import Permanent
from shared.policy.document import PolicyDocument
from shared.yaml_file import read_yaml, told

ROOT = Path(__file__).parents[2]


class PolicyError(Permanent):
    """The policy file cannot be used; says what is wrong in it."""

    def __init__(self, detail: str) -> None:
        super().__init__("policy-file", detail)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the file says, and the SHA-256 of the file that it is."""

    document: PolicyDocument
    digest: str


@dataclass(slots=True)
class PolicyFile:
    """A file of that path; one that is not absolute is in the folder of the app."""

    path: Path
    _read: Policy | None = field(default=None, repr=False)

    def policy(self) -> Policy:
        """What the file says; raises PolicyError."""
        if self._read is None:
            self._read = load(self.path)
        return self._read

    async def check(self) -> None:
        """Load it, as a check of health; raises PolicyError."""
        self.policy()


def load(path: Path) -> Policy:
    """Read the file and check it; raises PolicyError."""
    try:
        content = (ROOT / path).read_bytes()
        document = PolicyDocument.model_validate(read_yaml(content.decode()))
    except ValidationError as error:
        raise PolicyError(f"{path.name}: {told(error)}") from None
    except OSError as error:
        raise PolicyError(f"{path.name}: {error.strerror}") from None
    except ValueError as error:
        raise PolicyError(f"{path.name}: {error}") from None
    return Policy(document, f"sha256:{hashlib.sha256(content).hexdigest()}")
