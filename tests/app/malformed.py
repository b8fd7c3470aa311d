"""Bodies that no way in may take, each with what it has to be refused with."""

import copy
import json
from dataclasses import dataclass
from typing import Any

SECRET = "Tr0ub4dor-canary"
"""Stands where a value is wrong or a password is sent: no answer may repeat it."""

NO_DEVICE = "00000000-0000-0000-0000-000000000000"
DEVICE = "6a59ea83-02bd-468f-a40b-f2c3d1821983"
PATCH: dict[str, Any] = {
    "operation": "patchDevice",
    "target": {"deviceId": DEVICE},
    "set": {"displayName": SECRET},
}
MANAGED: dict[str, Any] = {
    "operation": "patchManagedDevice",
    "target": {"managedDeviceId": DEVICE},
    "set": {"notes": SECRET},
}
ACCOUNT: dict[str, Any] = {
    "operation": "updateDeviceAccount",
    "target": {"managedDeviceId": DEVICE},
    "set": {
        "deviceAccount": {
            "userPrincipalName": "hub@contoso.example",
            "passwordSecret": {"name": "hub"},
        }
    },
}
USER: dict[str, Any] = {
    "operation": "patchUser",
    "target": {"userId": "hub@contoso.example"},
    "set": {"department": SECRET},
}
LARGEST = 32 * 1024
DEEPEST = 16


@dataclass(frozen=True)
class Malformed:
    """A body, and the status, code and pointer it is refused with."""

    name: str
    body: bytes
    status: int
    code: str
    pointer: str = ""


def changed(request: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the request with the member at a JSON pointer set."""
    document = copy.deepcopy(request)
    *parents, name = path.strip("/").split("/")
    inner = document
    for parent in parents:
        inner = inner[parent]
    inner[name] = value
    return document


def without(request: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in request.items() if key != name}


def padded(length: int) -> bytes:
    """A good request of exactly that many bytes."""
    body = json.dumps(PATCH).encode()
    return body + b" " * (length - len(body))


def nested(levels: int) -> bytes:
    inner = b'{"a":' * levels + b"1" + b"}" * levels
    return b'{"operation":"patchDevice","x":' + inner + b"}"


def _text(
    name: str, text: str | bytes, code: str, pointer: str = "", status: int = 400
) -> Malformed:
    return Malformed(
        name, text if isinstance(text, bytes) else text.encode(), status, code, pointer
    )


def _faulty(
    request: dict[str, Any], path: str, value: Any, code: str, at: str | None = None
) -> Malformed:
    name = f"{request['operation']} {path} = {json.dumps(value)[:40]}"
    body = json.dumps(changed(request, path, value)).encode()
    return Malformed(name, body, 422, code, path if at is None else at)


_START = '{"operation":"patchDevice","target":{"deviceId":"' + DEVICE + '"},'

DOCUMENTS = [
    _text("nothing", b"", "empty-body"),
    _text("white space", b" \r\n\t ", "empty-body"),
    _text("no JSON", f"displayName={SECRET}", "not-json"),
    _text("JSON cut short", json.dumps(PATCH)[:-1], "not-json"),
    _text("two documents", json.dumps(PATCH) * 2, "not-json"),
    _text("a trailing comma", _START + '"set":{"displayName":"x",}}', "not-json"),
    _text("a comment", json.dumps(PATCH) + " // x", "not-json"),
    _text("single quotes", "{'operation': 'patchDevice'}", "not-json"),
    _text("a raw control character", _START + '"set":{"displayName":"a\x00b"}}', "not-json"),
    _text("a byte order mark", b"\xef\xbb\xbf" + json.dumps(PATCH).encode(), "not-json"),
    _text("invalid UTF-8", json.dumps(PATCH).encode().replace(b"Tr0", b"Tr\xff"), "not-json"),
    _text("UTF-16", json.dumps(PATCH).encode("utf-16"), "not-json"),
    _text("compressed", b"\x1f\x8b\x08\x00" + b"\x9c" * 40, "not-json"),
    _text("a number of 5000 digits", '{"operation":' + "1" * 5000 + "}", "not-json"),
    _text("a member twice", _START + '"set":{},"set":{}}', "duplicate-member", "/set"),
    _text(
        "a nested member twice",
        _START + '"set":{"extensionAttributes":{"extensionAttribute1":"a",'
        '"extensionAttribute1":"a"}}}',
        "duplicate-member",
        "/set/extensionAttributes/extensionAttribute1",
    ),
    _text(
        "a member twice, once escaped",
        _START + '"set":{"displayName":"a","display\\u004eame":"b"}}',
        "duplicate-member",
        "/set/displayName",
    ),
    _text("NaN", _START + '"set":{"accountEnabled":NaN}}', "not-a-number", "/set/accountEnabled"),
    _text("Infinity", _START + '"set":{"a":[-Infinity]}}', "not-a-number", "/set/a/0"),
    _text(
        "1e999", _START + '"set":{"accountEnabled":1e999}}', "not-a-number", "/set/accountEnabled"
    ),
    _text("one level too deep", nested(DEEPEST - 1), "too-deep", "/x" + "/a" * (DEEPEST - 1)),
    _text("a thousand levels", nested(1000), "too-deep", "/x" + "/a" * (DEEPEST - 1)),
    _text("no end of brackets", b"[" * LARGEST, "too-deep"),
    _text("a lone surrogate", _START + '"set":{"displayName":"\\ud800"}}', "not-unicode", "/set"),
    _text(
        "a name that is a lone surrogate", _START + '"set":{"\\udc00":1}}', "not-unicode", "/set"
    ),
    _text("one byte too many", padded(LARGEST + 1), "too-large", status=413),
    _text("two hundred thousand bytes", padded(200_000), "too-large", status=413),
    *(
        _text(f"{text} at the top", text, "wrong-type", status=422)
        for text in ("[]", "[{}]", "null", "true", "17", '"x"')
    ),
]

_WHEN = "2031-01-01T00:00:00Z"

MEMBERS = [
    _text("no member at all", "{}", "missing-member", "/operation", 422),
    *(
        Malformed(
            f"no {name}",
            json.dumps(without(PATCH, name)).encode(),
            422,
            "missing-member",
            f"/{name}",
        )
        for name in ("operation", "target", "set")
    ),
    _faulty(PATCH, "/operation", "wipe", "unknown-operation"),
    *(_faulty(PATCH, "/operation", v, "unknown-operation") for v in (None, 7, ["patchDevice"], {})),
    # unknown members at each level
    _faulty(PATCH, "/priority", SECRET, "unknown-member"),
    _faulty(PATCH, "/patchDevice", SECRET, "unknown-member"),
    _faulty(PATCH, "/target/name", SECRET, "unknown-member"),
    _faulty(PATCH, "/set/colour", SECRET, "unknown-member"),
    _faulty(PATCH, "/set/patchDevice", SECRET, "unknown-member"),
    _faulty(PATCH, "/set/a~b~1c", SECRET, "unknown-member", "/set/a~0b~01c"),
    _faulty(
        PATCH,
        "/set/extensionAttributes",
        {"extensionAttribute16": SECRET},
        "unknown-member",
        "/set/extensionAttributes/extensionAttribute16",
    ),
    _faulty(
        PATCH, "/ticket", {"source": "a", "id": "b", "url": SECRET}, "unknown-member", "/ticket/url"
    ),
    _faulty(ACCOUNT, "/set/force", SECRET, "unknown-member"),
    _faulty(ACCOUNT, "/set/deviceAccount/windowsDeviceADAccount", SECRET, "unknown-member"),
    _faulty(ACCOUNT, "/set/deviceAccount/passwordSecret/vault", SECRET, "unknown-member"),
    _faulty(PATCH, "/set/" + "n" * 129, SECRET, "unknown-member", "/set"),
    # every member of another type
    *(
        _faulty(PATCH, f"/{name}", v, "wrong-type")
        for name in ("target", "set")
        for v in (None, [], SECRET, 1)
    ),
    *(_faulty(PATCH, "/target/deviceId", v, "wrong-type") for v in (1, [], {}, True)),
    *(_faulty(PATCH, "/set/accountEnabled", v, "wrong-type") for v in (0, "true", None, [], {})),
    *(
        _faulty(PATCH, f"/set/{name}", v, "wrong-type")
        for name in ("displayName", "operatingSystem", "operatingSystemVersion")
        for v in (1, None, [], {}, False)
    ),
    *(_faulty(PATCH, "/set/extensionAttributes", v, "wrong-type") for v in (None, [], SECRET)),
    *(
        _faulty(
            PATCH,
            "/set/extensionAttributes",
            {"extensionAttribute1": v},
            "wrong-type",
            "/set/extensionAttributes/extensionAttribute1",
        )
        for v in (1, True, [], {})
    ),
    *(
        _faulty(MANAGED, f"/set/{name}", v, "wrong-type")
        for name in ("managedDeviceName", "notes")
        for v in (1, [])
    ),
    *(
        _faulty(MANAGED, "/set/managedDeviceOwnerType", v, "invalid-value")
        for v in (1, None, SECRET)
    ),
    *(_faulty(PATCH, "/dryRun", v, "wrong-type") for v in (0, 0.0, "false", None)),
    *(
        _faulty(PATCH, f"/{name}", v, "wrong-type")
        for name in ("notBefore", "notAfter")
        for v in (1_900_000_000, [])
    ),
    *(_faulty(PATCH, "/reason", v, "wrong-type") for v in (1, [])),
    *(_faulty(PATCH, "/ticket", v, "wrong-type") for v in (SECRET, [], 4)),
    *(
        _faulty(PATCH, "/ticket", {"source": "a", "id": v}, "wrong-type", "/ticket/id")
        for v in (1, None)
    ),
    *(_faulty(ACCOUNT, "/set/deviceAccount", v, "wrong-type") for v in (None, [], SECRET)),
    *(
        _faulty(ACCOUNT, "/set/deviceAccount/passwordSecret", v, "wrong-type")
        for v in (None, [], SECRET)
    ),
    *(
        _faulty(ACCOUNT, "/set/deviceAccount/passwordSecret/name", v, "wrong-type")
        for v in (None, 1)
    ),
    *(
        _faulty(ACCOUNT, f"/set/{name}", v, "wrong-type")
        for name in ("passwordRotationEnabled", "calendarSyncEnabled")
        for v in (1, "true", None)
    ),
    *(
        _faulty(ACCOUNT, f"/set/{name}", v, "wrong-type")
        for name in ("deviceAccountEmail", "exchangeServer", "sessionInitiationProtocalAddress")
        for v in (1, None)
    ),
    # values
    *(
        _faulty(PATCH, "/target/deviceId", v, "invalid-value")
        for v in (
            "",
            SECRET,
            DEVICE[:-1],
            "{" + DEVICE + "}",
            DEVICE + "\n",
            "../users",
            DEVICE.replace("-", ""),
        )
    ),
    _faulty(PATCH, "/target", {}, "missing-member", "/target/id"),
    _faulty(PATCH, "/target", {"id": None}, "wrong-type", "/target/id"),
    _faulty(PATCH, "/target", {"id": DEVICE, "deviceId": None}, "wrong-type", "/target/deviceId"),
    *(
        _faulty(request, "/target", {"serialNumber": v}, "invalid-value", "/target/serialNumber")
        for request in (PATCH, MANAGED, ACCOUNT)
        for v in ("", " ", SECRET + " ", "a\nb", "a\u0000", "x" * 257)
    ),
    *(
        _faulty(MANAGED, "/target", {"imei": v}, "invalid-value", "/target/imei")
        for v in ("", SECRET, "1" * 13, "1" * 17, "35-209900-176148-1")
    ),
    *(
        _faulty(MANAGED, "/target", {"primaryUser": v}, "invalid-value", "/target/primaryUser")
        for v in (DEVICE, SECRET, "a@b/c", "a@b' or ''='")
    ),
    _faulty(
        ACCOUNT,
        "/target",
        {"azureADDeviceId": NO_DEVICE},
        "invalid-value",
        "/target/azureADDeviceId",
    ),
    _faulty(MANAGED, "/target", {"deviceName": 7}, "wrong-type", "/target/deviceName"),
    _faulty(USER, "/target", {"primaryUser": "a@b"}, "missing-member", "/target/userId"),
    _faulty(
        PATCH, "/target", {"managedDeviceId": DEVICE}, "unknown-member", "/target/managedDeviceId"
    ),
    _faulty(MANAGED, "/target", {"deviceId": DEVICE}, "missing-member", "/target/managedDeviceId"),
    _faulty(ACCOUNT, "/target", {"id": DEVICE}, "missing-member", "/target/managedDeviceId"),
    _faulty(PATCH, "/set", {}, "nothing-to-set"),
    _faulty(USER, "/set", {}, "nothing-to-set"),
    _faulty(USER, "/set/colour", SECRET, "unknown-member"),
    _faulty(USER, "/set/usageLocation", "Germany", "invalid-value"),
    *(_faulty(USER, "/set/department", v, "wrong-type") for v in (1, [], True)),
    *(
        _faulty(USER, "/target/userId", v, "invalid-value")
        for v in ("", SECRET, "a@b/c", "../groups", "a b@c", "a@b\n", "hub@contoso.example?x")
    ),
    _faulty(USER, "/target", {"deviceId": DEVICE}, "missing-member", "/target/userId"),
    _faulty(MANAGED, "/target/userId", 1, "wrong-type"),
    _faulty(MANAGED, "/target/ManagedDevice", 1, "unknown-member"),
    _faulty(PATCH, "/version", "v2", "invalid-value"),
    *(
        _faulty(PATCH, f"/{name}", v, "wrong-type")
        for name in ("allowUnofficialRoute", "rewriteToOfficialRoute")
        for v in (0, "true", None)
    ),
    _faulty(MANAGED, "/set", {}, "nothing-to-set"),
    _faulty(ACCOUNT, "/set", {}, "missing-member", "/set/deviceAccount"),
    _faulty(PATCH, "/set/extensionAttributes", {}, "nothing-to-set"),
    _faulty(PATCH, "/set/displayName", "", "invalid-value"),
    _faulty(PATCH, "/set/displayName", "x" * 257, "invalid-value"),
    _faulty(PATCH, "/reason", "x" * 1025, "invalid-value"),
    *(
        _faulty(PATCH, "/plan", value, "invalid-value")
        for value in ("", "sha256:", "sha256:" + "A" * 64, "md5:" + "0" * 32, "0" * 64)
    ),
    _faulty(PATCH, "/plan", 7, "wrong-type"),
    _faulty(ACCOUNT, "/set/deviceAccount/userPrincipalName", SECRET, "invalid-value"),
    _faulty(ACCOUNT, "/set/deviceAccount/passwordSecret/name", "a/b?c", "invalid-value"),
    _faulty(ACCOUNT, "/set/deviceAccount/passwordSecret/version", "latest", "invalid-value"),
    _faulty(ACCOUNT, "/set/deviceAccount/@odata.type", "#microsoft.graph.user", "invalid-value"),
    _faulty(ACCOUNT, "/set/deviceAccountEmail", SECRET, "invalid-value"),
    # times
    *(
        _faulty(PATCH, f"/{name}", v, "invalid-value")
        for name in ("notBefore", "notAfter")
        for v in (
            "",
            SECRET,
            "2031-01-01",
            "2031-01-01T00:00:00",
            "2031-01-01 00:00:00Z",
            "1900000000",
            "2031-02-30T00:00:00Z",
            "2031-01-01T24:00:00Z",
            "9999-12-31T23:59:59-12:00",
            "0001-01-01T00:00:00+12:00",
            "2031-01-01T00:00:00+25:00",
        )
    ),
    Malformed(
        "a window that closes before it opens",
        json.dumps(PATCH | {"notBefore": _WHEN, "notAfter": "2030-12-31T23:59:59Z"}).encode(),
        422,
        "contradictory-window",
        "/notAfter",
    ),
    Malformed(
        "a window without length, told in two time zones",
        json.dumps(PATCH | {"notBefore": _WHEN, "notAfter": "2031-01-01T01:00:00+01:00"}).encode(),
        422,
        "contradictory-window",
        "/notAfter",
    ),
    _faulty(PATCH, "/notAfter", "2020-01-01T00:00:00Z", "window-closed"),
]

_NAMES = (
    "password",
    "Password",
    "PASSWORD",
    "pass_word",
    "pass-word",
    "pass word",
    "passwd",
    "pwd",
    "newPassword",
    "adminPwd",
    "userPassPhrase",
    "passcode",
    "passwort",
    "p\u0430ss".replace("\u0430", "a") + "word",
    "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44",
    "passw\u200bord",
    "passwordProfile",
    "PasswordSecret",
    "clientSecret",
    "credentials",
)

PASSWORDS = [
    *(
        _text(
            f"a member {name!a}",
            json.dumps(PATCH | {name: SECRET}),
            "password-in-request",
            f"/{name}" if name.isprintable() else "",
            422,
        )
        for name in _NAMES
    ),
    *(
        _faulty(request, f"{path}/password", SECRET, "password-in-request")
        for request, path in (
            (PATCH, "/target"),
            (PATCH, "/set"),
            (ACCOUNT, "/set/deviceAccount"),
            (ACCOUNT, "/set/deviceAccount/passwordSecret"),
        )
    ),
    _faulty(PATCH, "/x", [[{"a": {"Pwd": SECRET}}]], "password-in-request", "/x/0/0/a/Pwd"),
    _text(
        "a password with an escaped name",
        _START + f'"p\\u0061ssword":"{SECRET}"}}',
        "password-in-request",
        "/password",
        422,
    ),
    _text(
        "a password twice",
        _START + f'"password":"{SECRET}","password":"{SECRET}"}}',
        "password-in-request",
        "/password",
        422,
    ),
    _text(
        "a password in a member that stands twice",
        _START + f'"set":{{"password":"{SECRET}"}},"set":{{"displayName":"x"}}}}',
        "password-in-request",
        "/set/password",
        422,
    ),
    _text(
        "a password too deep",
        nested(DEEPEST).replace(b"1", f'{{"password":"{SECRET}"}}'.encode()),
        "password-in-request",
        "/x" + "/a" * (DEEPEST - 1),
        422,
    ),
    _text("a password in JSON cut short", _START + f'"password":"{SECRET}"', "not-json"),
    _text(
        "a password with an escaped name in JSON cut short",
        _START + f'"p\\u0061ssword":"{SECRET}"',
        "not-json",
    ),
    _text("a password in a form", f"user=hub&password={SECRET}", "not-json"),
    _text("a password in XML", f"<Pass_Word>{SECRET}</Pass_Word>", "not-json"),
    _text(
        "a password in UTF-16",
        json.dumps(PATCH | {"password": SECRET}).encode("utf-16-le"),
        "not-json",
    ),
    _text(
        "a password in too large a body",
        padded(LARGEST) + f'{{"password":"{SECRET}"}}'.encode(),
        "too-large",
        status=413,
    ),
    _faulty(ACCOUNT, "/set/deviceAccount/passwordSecret", SECRET, "wrong-type"),
    _faulty(ACCOUNT, "/set/deviceAccount/passwordSecret/name", SECRET + "!", "invalid-value"),
]
"""Bodies with a password in them; none of them may be kept anywhere."""

ALL = [*DOCUMENTS, *MEMBERS, *PASSWORDS]
