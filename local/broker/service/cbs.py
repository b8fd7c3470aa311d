"""`$cbs`: claims-based security, the node to which clients put their tokens."""

from local.broker.amqp.types import Int
from local.broker.clock import Clock
from local.broker.engine.errors import EntityNotFoundError
from local.broker.engine.namespace import Namespace
from local.broker.service.address import MANAGEMENT_SUFFIX, path_of
from local.broker.service.auth import Claims, InvalidTokenError, SharedAccessKey, covers
from local.broker.service.requests import Request, Response


def put_token(
    request: Request, *, key: SharedAccessKey, namespace: Namespace, claims: Claims, clock: Clock
) -> Response:
    """Verify a token and add what it allows to the connection's claims."""
    name, token = request.properties.get("name"), request.body
    if request.properties.get("operation") != "put-token":
        return _response(400, "the only operation is put-token")
    if not isinstance(name, str) or not isinstance(token, str):
        return _response(400, "put-token needs a name and a token")
    path = path_of(name).lower()
    try:
        scope, expires_at = key.check(token, clock.now())
        if not covers(scope, path):
            return _response(401, f"the token is not for '{path}'")
        entity = path.removesuffix(MANAGEMENT_SUFFIX)
        if entity:
            namespace.find(entity)
    except InvalidTokenError as cause:
        return _response(401, str(cause))
    except EntityNotFoundError as cause:
        return _response(cause.status, str(cause))
    claims.add(path, expires_at)
    return _response(202, "Accepted")


def _response(status: int, description: str) -> Response:
    # With hyphens here, in camel case in `$management`.
    return Response({"status-code": Int(status), "status-description": description})
