"""Access tokens like those of Microsoft Entra for an application, signed with a key of our own."""

import json
import time
import uuid
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

GRAPH = "https://graph.microsoft.com"
TENANT_ID = "4d2f9a2c-6f0b-4a39-9f7e-2b1c8d5e7a10"
SYSTEM_ASSIGNED = "b0c6f6d2-3f5e-4d0a-8f0e-5a1d2c3b4e5f"
"""Client id of the system-assigned identity: the one used when a request names none."""

GRAPH_ROLES = (
    "Calendars.ReadBasic.All",
    "Device.ReadWrite.All",
    "DeviceManagementManagedDevices.PrivilegedOperations.All",
    "DeviceManagementManagedDevices.Read.All",
    "DeviceManagementManagedDevices.ReadWrite.All",
    "GroupMember.Read.All",
    "User-PasswordProfile.ReadWrite.All",
    "User.Read.All",
    "User.ReadWrite.All",
)
"""Application permissions the identity holds unless told otherwise."""


@dataclass(slots=True)
class Issuer:
    """Issues tokens valid for `lifetime` seconds; `roles` maps an audience to what is granted."""

    lifetime: int
    roles: dict[str, list[str]] = field(default_factory=lambda: {GRAPH: list(GRAPH_ROLES)})
    _key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    _key_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def issue(self, resource: str, client_id: str | None) -> dict[str, str]:
        """Return what App Service answers: the token, and when it ends in epoch seconds."""
        app_id = client_id or SYSTEM_ASSIGNED
        now = int(time.time())
        expires = now + self.lifetime
        object_id = str(uuid.uuid5(uuid.UUID(TENANT_ID), app_id))
        claims = {
            "aud": resource,
            "iss": f"https://sts.windows.net/{TENANT_ID}/",
            "iat": now,
            "nbf": now,
            "exp": expires,
            "appid": app_id,
            "idtyp": "app",
            "oid": object_id,
            "sub": object_id,
            "tid": TENANT_ID,
            "ver": "1.0",
            "roles": self.roles.get(resource, []),
        }
        token = jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._key_id})
        return {
            "access_token": token,
            "client_id": app_id,
            "expires_on": str(expires),
            "resource": resource,
            "token_type": "Bearer",
        }

    def key_set(self) -> dict[str, object]:
        """Return the public key as a JSON Web Key Set."""
        key = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [key | {"kid": self._key_id, "use": "sig", "alg": "RS256"}]}
