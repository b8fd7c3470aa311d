"""The register of device accounts over HTTP: strict, conditional, and by whole files."""

import csv
import io
import json
import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sluice_client import Sluice

HUB: dict[str, Any] = {
    "account": "Room-17@contoso.com",
    "family": "surfaceHub",
    "devices": [{"serialNumber": "HUB-0017"}],
    "schedule": {
        "everyDays": 7,
        "window": {"opens": "22:00", "closes": "04:00", "timeZone": "Europe/Berlin"},
    },
}


def room() -> str:
    return f"room-{uuid.uuid4()}@contoso.com"


def put(sluice: Sluice, document: Any, account: str = "", **headers: str) -> httpx.Response:
    wanted = account or document["account"]
    path = f"/device-accounts/{wanted.lower().replace('\\', '!').replace('#', '=')}"
    return sluice.http.put(path, json=document, headers=headers)


def import_csv(sluice: Sluice, text: str | bytes, query: str = "") -> httpx.Response:
    return sluice.http.post(
        f"/device-accounts/import{query}",
        content=text,
        headers={"Content-Type": "text/csv; charset=utf-8"},
    )


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return [(each["code"], each["pointer"]) for each in answer.json()["errors"]]


def test_an_account_is_registered_with_its_defaults_and_is_due_in_its_window(
    sluice: Sluice,
) -> None:
    document = HUB | {"account": room()}
    answer = put(sluice, document)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/device-accounts/{document['account']}"
    found = sluice.http.get(f"/device-accounts/{document['account'].upper()}")
    assert found.json() == answer.json()
    assert found.headers["ETag"] == answer.headers["ETag"]
    known = found.json()
    assert known["id"] == document["account"]
    assert (known["whenUnconfirmed"], known["calendarSync"], known["email"]) == ("hold", True, None)
    assert known["passwordPolicy"]["length"] == 28
    assert known["secretName"] == document["account"].replace("@", "-").replace(".", "-")
    rotation = known["rotation"]
    assert rotation["state"] == "new"
    assert rotation["due"] == rotation["scheduled"]
    due = datetime.fromisoformat(rotation["due"]).astimezone(ZoneInfo("Europe/Berlin"))
    assert due.hour >= 22 or due.hour < 4


def test_a_document_is_replaced_only_as_it_was_read(sluice: Sluice) -> None:
    document = HUB | {"account": room()}
    assert put(sluice, document, **{"If-Match": "*"}).status_code == 412
    first = put(sluice, document, **{"If-None-Match": "*"})
    assert put(sluice, document, **{"If-None-Match": "*"}).status_code == 412
    second = put(sluice, document | {"paused": True}, **{"If-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert second.json()["rotation"]["due"] is None
    stale = put(sluice, document, **{"If-Match": first.headers["ETag"]})
    assert stale.status_code == 412
    assert stale.json()["type"] == "urn:sluice:problem:changed-since-read"
    path = f"/device-accounts/{document['account']}"
    gone = sluice.http.delete(path, headers={"If-Match": first.headers["ETag"]})
    assert gone.status_code == 412
    assert sluice.http.delete(path).status_code == 204
    assert sluice.http.delete(path).status_code == 404
    assert sluice.http.get(path).json()["type"] == "urn:sluice:problem:unknown-device-account"


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"account": "room 17"}, "invalid-value", "/account"),
        ({"account": "other@contoso.com"}, "another-account", "/account"),
        ({"family": "toaster"}, "invalid-value", "/family"),
        ({"devices": []}, "devices-missing", "/devices"),
        ({"family": "directoryOnly"}, "devices-not-set", "/devices"),
        ({"devices": [{}]}, "one-identifier", "/devices/0"),
        ({"devices": [{"serialNumber": "=1"}]}, "invalid-value", "/devices/0/serialNumber"),
        ({"schedule": {"everyDays": 0}}, "invalid-value", "/schedule/everyDays"),
        ({"schedule": {"everyDays": "7"}}, "wrong-type", "/schedule/everyDays"),
        (
            {"schedule": {"window": {"opens": "24:00", "closes": "1:00"}}},
            "invalid-value",
            "/schedule/window/opens",
        ),
        (
            {"schedule": {"window": {"opens": "01:00", "closes": "02:00", "timeZone": "Mars"}}},
            "unknown-time-zone",
            "/schedule/window/timeZone",
        ),
        (
            {"schedule": {"window": {"opens": "01:00", "closes": "01:00"}}},
            "empty-window",
            "/schedule/window",
        ),
        ({"extra": 1}, "unknown-member", "/extra"),
        ({"password": "Hunter2-canary"}, "password-in-request", "/password"),
        ({"secretName": "a b"}, "invalid-value", "/secretName"),
        ({"secretName": "hub-Pending"}, "invalid-value", "/secretName"),
        ({"rotation": {}}, "unknown-member", "/rotation"),
    ],
)
def test_what_is_wrong_with_a_document_is_told_with_its_place_and_without_its_value(
    sluice: Sluice, change: dict[str, Any], code: str, pointer: str
) -> None:
    account = room()
    answer = put(sluice, HUB | {"account": account} | change, account)
    assert answer.status_code == 422
    assert (code, pointer) in faults(answer)
    assert "canary" not in answer.text
    assert sluice.http.get(f"/device-accounts/{account}").status_code == 404


def test_what_is_no_json_document_is_refused(sluice: Sluice) -> None:
    path = f"/device-accounts/{room()}"
    assert sluice.http.put(path, content=b"{", headers={"Content-Type": "text/plain"}).is_error
    for body, status in ((b"{", 400), (b"[]", 422), (b"null", 422), (b" " * 40_000, 413)):
        answer = sluice.http.put(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_two_accounts_never_keep_their_passwords_under_one_name(sluice: Sluice) -> None:
    first, second, name = room(), room(), f"hub-{uuid.uuid4()}"
    assert put(sluice, HUB | {"account": first, "secretName": name}).status_code == 201
    taken = put(sluice, HUB | {"account": second, "secretName": name.upper()})
    assert taken.status_code == 409
    assert faults(taken) == [("secret-name-taken", "/secretName")]
    # The vault keeps the password of the first when the register has forgotten it.
    assert sluice.http.delete(f"/device-accounts/{first}").status_code == 204
    assert put(sluice, HUB | {"account": second, "secretName": name}).status_code == 409
    assert put(sluice, HUB | {"account": first, "secretName": name}).status_code == 201


def test_a_rotation_is_asked_for_once_and_the_account_cannot_be_deleted_meanwhile(
    sluice: Sluice,
) -> None:
    account = rf"contoso\hub-{uuid.uuid4().hex[:20]}"
    document = HUB | {"account": account, "schedule": {"everyDays": None}}
    assert put(sluice, document).status_code == 201
    path = f"/device-accounts/{account.replace('\\', '!')}"
    later = {"notBefore": "2099-01-01T00:00:00Z", "reason": "Somebody left"}
    answers = [
        sluice.http.post(f"{path}/rotate", json=later, headers={"Idempotency-Key": account[9:]})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].json()["repeated"] is True
    change = sluice.get(answers[0].json()["id"])
    assert change["operation"] == "rotateDeviceAccount"
    assert change["target"] == {"account": account}
    assert (change["reason"], change["source"]) == ("Somebody left", "http")
    rotation = sluice.http.get(path).json()["rotation"]
    assert (rotation["state"], rotation["operation"]) == ("queued", change["id"])
    assert faults(sluice.http.delete(path)) == [("rotation-under-way", "")]
    renamed = put(sluice, document | {"secretName": "another"})
    assert (renamed.status_code, faults(renamed)) == (409, [("rotation-under-way", "/secretName")])
    assert put(sluice, document | {"paused": True}).status_code == 200

    assert sluice.http.post(f"/device-accounts/{room()}/rotate").status_code == 404
    wrong = sluice.http.post(f"{path}/rotate", json={"set": {}})
    assert faults(wrong) == [("unknown-member", "/set")]


def test_the_register_is_read_page_by_page(sluice: Sluice) -> None:
    accounts = {room() for _ in range(5)}
    for account in accounts:
        assert put(sluice, HUB | {"account": account}).status_code == 201
    found, after = list[str](), None
    while True:
        params = {"top": 2} | ({"after": after} if after else {})
        answer = sluice.http.get("/device-accounts", params=params).json()
        assert len(answer["deviceAccounts"]) <= 2
        found += [each["id"] for each in answer["deviceAccounts"]]
        after = answer["after"]
        if after is None:
            break
    assert accounts <= set(found)
    assert len(found) == len(set(found))
    for query in ("top=0", "top=x", "top=1001", f"after={'a' * 2000}"):
        assert sluice.http.get(f"/device-accounts?{query}").status_code == 400


def test_a_file_is_imported_and_comes_back_as_it_was(sluice: Sluice) -> None:
    first, second = room(), room()
    text = (
        "\ufeffaccount;family;serialNumbers;everyDays;windowOpens;windowCloses;timeZone;paused\r\n"
        f"{first};surfaceHub;HUB-1|HUB-2;never;;;;\r\n"
        "\r\n"
        f"{second};directoryOnly;;90;22:00;04:00;Europe/Berlin;TRUE\r\n"
    )
    dry = import_csv(sluice, text, "?dryRun=true").json()
    assert dry == {"created": 2, "updated": 0, "unchanged": 0, "dryRun": True}
    assert sluice.http.get(f"/device-accounts/{first}").status_code == 404
    assert import_csv(sluice, text).json() == dry | {"dryRun": False}
    assert import_csv(sluice, text).json()["unchanged"] == 2
    known = sluice.http.get(f"/device-accounts/{second}").json()
    assert (known["paused"], known["schedule"]["everyDays"]) == (True, 90)
    assert known["schedule"]["window"]["timeZone"] == "Europe/Berlin"
    changed = import_csv(sluice, text.replace("HUB-2", "HUB-3"))
    assert (changed.json()["updated"], changed.json()["unchanged"]) == (1, 1)

    exported = sluice.http.get("/device-accounts/export")
    assert exported.headers["Content-Type"].startswith("text/csv")
    rows = {row["account"]: row for row in csv.DictReader(io.StringIO(exported.text))}
    assert (rows[first]["serialNumbers"], rows[first]["everyDays"]) == ("HUB-1|HUB-3", "never")
    assert (rows[second]["state"], rows[second]["calendarSync"]) == ("new", "")
    again = import_csv(sluice, exported.content).json()
    assert (again["created"], again["updated"]) == (0, 0)
    page = sluice.http.get("/device-accounts/export?top=1")
    assert len(page.text.splitlines()) == 2
    assert 'rel="next"' in page.headers["Link"]


def test_every_fault_of_a_file_is_told_with_line_and_column_and_nothing_is_written(
    sluice: Sluice,
) -> None:
    taken, good = room(), room()
    put(sluice, HUB | {"account": taken, "secretName": f"taken-{taken[5:41]}"})
    text = "\n".join(
        [
            "account,family,serialNumbers,everyDays,timeZone,paused,secretName",
            f"{good},surfaceHub,HUB-1,,,,",
            '"room 1@contoso.com",surfaceHub,HUB-1,x,Mars,maybe,',
            f"{good},surfaceHub,HUB-1,,,,",
            f"{room()},surfaceHub,,,,,",
            f"{room()},directoryOnly",
            f"{room()},directoryOnly,,,,,taken-{taken[5:41]}",
        ]
    )
    answer = import_csv(sluice, text)
    assert answer.status_code == 422
    assert set(faults(answer)) == {
        ("invalid-value", "/3/account"),
        ("invalid-value", "/3/everyDays"),
        ("invalid-value", "/3/paused"),
        ("missing-member", "/3/windowOpens"),
        ("missing-member", "/3/windowCloses"),
        ("unknown-time-zone", "/3/timeZone"),
        ("duplicate-account", "/4/account"),
        ("devices-missing", "/5/managedDeviceIds"),
        ("wrong-cell-count", "/6"),
    }
    assert answer.json()["detail"].startswith("Line ")
    names = import_csv(sluice, "\n".join(text.split("\n")[i] for i in (0, 6)))
    assert faults(names) == [("secret-name-taken", "/2/secretName")]
    assert sluice.http.get(f"/device-accounts/{good}").status_code == 404


@pytest.mark.parametrize(
    ("text", "status", "found"),
    [
        (b"", 422, ("missing-column", "/1/account")),
        (b"account\nx", 422, ("missing-column", "/1/family")),
        (b"account,family,password\n", 422, ("password-in-request", "/1/password")),
        (b"account,family,room\n", 422, ("unknown-column", "/1/room")),
        (b"account,family,family\n", 422, ("duplicate-column", "/1/family")),
        (b'account,family\n"a', 422, ("not-csv", "/2")),
        (b"account,family\n\xff,x", 400, ("not-utf-8", "/2")),
        (b"account,family\n" + b"x" * 4_200_000, 413, ("too-large", "")),
        (b"account,family\n" + b"a@b.c,directoryOnly\n" * 10_001, 413, ("too-large", "")),
        (b"account,family\n" + b"a@b.c,x\n" * 600, 422, ("invalid-value", "/501/family")),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
def test_a_file_that_cannot_be_read_is_refused(
    sluice: Sluice, text: bytes, status: int, found: tuple[str, str]
) -> None:
    answer = import_csv(sluice, text)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "application/problem+json",
    )
    assert found in faults(answer)
    assert len(faults(answer)) <= 500


def test_an_import_takes_csv_alone(sluice: Sluice) -> None:
    answer = sluice.http.post("/device-accounts/import", json={})
    assert answer.status_code == 415
    assert json.loads(answer.text)["type"] == "urn:sluice:problem:wrong-media-type"
