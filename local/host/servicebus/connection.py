"""The connection setting of a Service Bus trigger."""

import functools
import ssl
from dataclasses import dataclass

from azure.identity.aio import ManagedIdentityCredential
from azure.servicebus.aio import ServiceBusClient

from local.host.errors import StartupError
from local.host.settings import Settings


@dataclass(frozen=True)
class Connection:
    """Where the namespace is and how to sign in: a connection string, or a managed identity."""

    connection_string: str | None
    namespace: str | None
    client_id: str | None

    @classmethod
    def from_settings(cls, name: str, settings: Settings) -> "Connection":
        """Find the connection called `name`, or raise StartupError.

        The setting NAME holds a connection string, or NAME__fullyQualifiedNamespace (with
        NAME__clientId for a user-assigned identity) the namespace.
        """
        name = settings.resolve(name)
        connection_string = settings.get(name)
        namespace = settings.get(f"{name}__fullyQualifiedNamespace")
        if connection_string is None and namespace is None:
            raise StartupError(
                f"connection '{name}' does not resolve: "
                f"neither setting {name} nor {name}__fullyQualifiedNamespace exists"
            )
        return cls(connection_string, namespace, settings.get(f"{name}__clientId"))

    def client(self) -> ServiceBusClient:
        """A client that does not retry by itself: the listeners do, so that they can log it."""
        if self.connection_string is not None:
            return ServiceBusClient.from_connection_string(
                self.connection_string, retry_total=0, ssl_context=_trusted()
            )
        credential = ManagedIdentityCredential(client_id=self.client_id)
        return ServiceBusClient(
            str(self.namespace), credential, retry_total=0, ssl_context=_trusted()
        )


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Loaded once, where the SDK would load it for every session that a listener accepts."""
    return ssl.create_default_context()
