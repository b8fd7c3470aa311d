"""The host's own endpoints."""

import pytest

MASTER = {"x-functions-key": "the-master-key"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/host/status"),
        ("GET", "/admin/functions"),
        ("POST", "/admin/functions/echo"),
    ],
)
def test_they_need_the_master_key(http, method, path):
    response = http.request(method, path, headers={"x-functions-key": "the-function-key"})

    assert (response.status_code, response.content) == (401, b"")


def test_the_host_says_that_it_runs(http):
    status = http.get("/admin/host/status", headers=MASTER).json()

    assert status["state"] == "Running"
    assert http.get("/admin/host/ping").status_code == 200


def test_the_functions_are_listed_with_their_bindings(http, http_host):
    listed = {item["name"]: item for item in http.get("/admin/functions", headers=MASTER).json()}

    assert sorted(listed) == sorted(http_host.ready["functions"])
    assert listed["off"]["isDisabled"]
    assert listed["item"]["config"]["bindings"][0]["route"] == "items/{id:guid}"


def test_only_timers_can_be_fired(http):
    assert http.post("/admin/functions/echo", headers=MASTER).status_code == 400
    assert http.post("/admin/functions/nobody", headers=MASTER).status_code == 404
