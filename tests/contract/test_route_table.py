"""The route table against what Microsoft prints and describes."""

from typing import Any

import pytest
from expected_routes import EXPECTED, Expected
from official_description import body_schema, description, errors_in

from shared.changes.request import REQUEST
from shared.graph.route import Write
from shared.graph.routes import ROUTES, WRITES, write_to


def test_every_write_of_the_route_table_is_expected_here_in_each_of_its_versions() -> None:
    table = {(w.name, version, w.success) for w in WRITES for version in w.versions}
    here = {(write_to(e.operation, e.target).name, e.version, e.success) for e in EXPECTED}
    assert here == table


@pytest.mark.parametrize("expected", EXPECTED, ids=str)
def test_a_route_is_official_when_microsoft_s_description_has_it(expected: Expected) -> None:
    write = write_to(expected.operation, expected.target)
    schema = body_schema(expected.version, write.method, write.path)
    assert write.official == (schema is not None)


@pytest.mark.parametrize(
    "kind", ["PatchDevice", "PatchManagedDevice", "UpdateDeviceAccount", "PatchUser"]
)
def test_every_target_that_a_request_may_have_is_that_of_a_route(kind: str) -> None:
    models = REQUEST.json_schema()["$defs"]
    request = models[kind]["properties"]
    for target in request["target"]["oneOf"]:
        model = models[target["$ref"].rpartition("/")[2]]
        write = write_to(request["operation"]["const"], model["properties"])
        assert write.parameters == set(model.get("required", write.parameters))
        assert write.named or "required" in model


@pytest.mark.parametrize(
    "write", [write for write in WRITES if write.instead], ids=lambda write: write.name
)
def test_a_route_that_is_not_official_names_the_one_to_take_instead(write: Write) -> None:
    official = ROUTES[write.instead or ""]
    assert isinstance(official, Write)
    assert official.official
    assert (official.operation, official.body) == (write.operation, write.body)
    assert set(write.versions) <= set(official.versions)


@pytest.mark.parametrize(
    ("path", "body", "errors"),
    [
        ("/deviceManagement/managedDevices/{}", {"Notes": "x"}, ["/Notes: unknown"]),
        (
            "/deviceManagement/managedDevices/{}",
            {"notes": 1},
            ["/notes: 1 is not of type 'string'"],
        ),
        ("/deviceManagement/managedDevices/{}", {"deviceName": "x"}, ["/deviceName: read-only"]),
        (
            "/deviceManagement/managedDevices/{}",
            {"managedDeviceOwnerType": None},
            ["/managedDeviceOwnerType: null"],
        ),
        (
            "/devices/{}",
            {"extensionAttributes": {"one": "x"}},
            ["/extensionAttributes/one: unknown"],
        ),
    ],
)
def test_the_check_against_the_description_finds_faults(
    path: str, body: dict[str, Any], errors: list[str]
) -> None:
    description("beta")
    schema = body_schema("beta", "PATCH", path)
    assert schema is not None
    assert errors_in("beta", schema, body) == errors
