"""Refusals in Key Vault's words and shape."""

from dataclasses import dataclass


@dataclass
class RefusalError(Exception):
    """A request that Key Vault answers with an error; `inner` is the code of `innererror`."""

    status: int
    code: str
    message: str
    inner: str | None = None

    def body(self) -> dict[str, object]:
        """Return the error object."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.inner:
            error["innererror"] = {"code": self.inner}
        return {"error": error}


def not_found(name: str) -> RefusalError:
    """No such secret, or no such version of it."""
    return RefusalError(
        404,
        "SecretNotFound",
        f"A secret with (name/id) {name} was not found in this key vault. If you recently deleted"
        " this secret you may be able to recover it using the correct recovery command. For help"
        " resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
    )


def not_deleted(name: str) -> RefusalError:
    """No deleted secret of that name."""
    return RefusalError(404, "SecretNotFound", f"Deleted Secret not found: {name}")


def disabled() -> RefusalError:
    """The version may not be read."""
    return RefusalError(
        403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled"
    )


def name_in_deleted_state(name: str) -> RefusalError:
    """The name belongs to a secret that was deleted but can be recovered."""
    return RefusalError(
        409,
        "Conflict",
        f"Secret {name} is currently in a deleted but recoverable state, and its name cannot be"
        " reused; in this state, the secret can only be recovered or purged.",
        "ObjectIsDeletedButRecoverable",
    )


def bad_parameter(message: str) -> RefusalError:
    """The request is malformed."""
    return RefusalError(400, "BadParameter", message)
