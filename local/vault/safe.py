"""The vault itself: versions, soft delete, recovery, purging."""

import uuid
from collections.abc import Callable

from .refusals import disabled, name_in_deleted_state, not_deleted, not_found
from .secret import Secret, SetParameters, UpdateParameters, Version
from .storage import Storage


class Safe:
    """Every secret by name, without regard to case; each change is stored before it is answered."""

    def __init__(self, storage: Storage, clock: Callable[[], float]) -> None:
        self._storage = storage
        self._clock = clock
        self._secrets = {secret.name.lower(): secret for secret in storage.load()}

    def holds(self, name: str) -> bool:
        """Whether the name is taken, be it by a deleted secret."""
        return name.lower() in self._secrets

    def set(self, name: str, given: SetParameters) -> Version:
        """Add a version, and the secret if it is new. Raises RefusalError 409 when deleted."""
        secret = self._secrets.get(name.lower()) or Secret(name=name)
        if secret.deleted is not None:
            raise name_in_deleted_state(name)
        now = int(self._clock())
        version = Version(id=uuid.uuid4().hex, value=given.value, created=now, updated=now)
        version.update(given, now)
        secret.versions.append(version)
        self._secrets[name.lower()] = secret
        self._storage.save(secret)
        return version

    def get(self, name: str, version_id: str) -> Version:
        """Return a version, the latest for an empty id. Raises RefusalError 404 or 403."""
        version = self._version(name, version_id)
        if not version.enabled:
            raise disabled()
        return version

    def update(self, name: str, version_id: str, given: UpdateParameters) -> Version:
        """Change the properties of a version, the latest for an empty id."""
        version = self._version(name, version_id)
        version.update(given, int(self._clock()))
        self._storage.save(self.secret(name))
        return version

    def delete(self, name: str) -> Secret:
        """Delete a secret softly."""
        secret = self.secret(name)
        secret.deleted = int(self._clock())
        self._storage.save(secret)
        return secret

    def recover(self, name: str) -> Secret:
        """Undo a deletion."""
        secret = self.deleted_secret(name)
        secret.deleted = None
        self._storage.save(secret)
        return secret

    def purge(self, name: str) -> None:
        """Remove a deleted secret for good."""
        self._storage.remove(self.deleted_secret(name).name)
        del self._secrets[name.lower()]

    def secret(self, name: str) -> Secret:
        """Return a secret that is not deleted."""
        secret = self._secrets.get(name.lower())
        if secret is None or secret.deleted is not None:
            raise not_found(name)
        return secret

    def deleted_secret(self, name: str) -> Secret:
        """Return a secret that is deleted and can be recovered."""
        secret = self._secrets.get(name.lower())
        if secret is None or secret.deleted is None:
            raise not_deleted(name)
        return secret

    def all(self, *, deleted: bool) -> list[Secret]:
        """List the secrets that are, or are not, deleted, by name."""
        found = (one for one in self._secrets.values() if (one.deleted is not None) == deleted)
        return sorted(found, key=lambda secret: secret.name.lower())

    def _version(self, name: str, version_id: str) -> Version:
        versions = self.secret(name).versions
        if not version_id:
            return versions[-1]
        for version in versions:
            if version.id == version_id:
                return version
        raise not_found(f"{name}/{version_id}")
