"""The HTTP trigger by the .NET host's rules, through a real socket and Microsoft's runtime."""

import gzip
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest


def test_a_request_reaches_the_function_as_the_host_maps_it(http):
    response = http.post(
        "/api/echo/thing?x=1&empty=&x=2",
        content=b"\x00\xffbody",
        headers=[("X-Several", "a"), ("x-several", "b"), ("Content-Type", "application/json")],
    )

    seen = response.json()
    assert seen["method"] == "POST"
    assert seen["url"] == f"{http.base_url}/api/echo/thing?x=1&empty=&x=2"
    assert seen["headers"]["x-several"] == "a,b"
    assert seen["params"] == {"x": "1,2"}
    assert seen["route"] == {"kind": "thing"}
    assert seen["body"] == "\x00\xffbody"


def test_an_optional_route_parameter_may_be_missing(http):
    assert http.get("/api/echo").json()["route"] == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("items/special", "special"),
        ("items/SPECIAL/", "special"),
        ("items/42", "int 42"),
        ("items/4a2b1c", "name 4a2b1c"),
        ("items/6a59ea83-02bd-468f-a40b-f2c3d1821983", "guid 6a59ea83-02bd-468f-a40b-f2c3d1821983"),
        ("items/with%20space", "name with space"),
        ("items/a%2Fb", "name a%2Fb"),
        ("files/deep/er/file.txt", "deep/er/file.txt"),
    ],
)
def test_the_most_specific_route_answers(http, path, text):
    assert http.get(f"/api/{path}").text == text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/unknown"),
        ("GET", "/items/42"),
        ("POST", "/api/items/42"),
        ("GET", "/api/items/a/b"),
        ("GET", "/api/off"),
    ],
    ids=["no route", "no prefix", "another method", "too long", "disabled"],
)
def test_without_a_route_the_answer_is_404_without_a_body(http, method, path):
    response = http.request(method, path)

    assert (response.status_code, response.content) == (404, b"")


def test_head_answers_without_a_body(http):
    response = http.head("/api/items/thing")

    assert response.status_code == 200
    assert response.headers["content-length"] == str(len("name thing"))


def test_a_chunked_body_is_lost_and_the_host_says_so(http, http_host):
    response = http.post("/api/echo", content=iter([b"chunk"]))

    assert response.json()["body"] == ""
    http_host.wait_for_log("body without Content-Length")


def test_a_header_that_is_not_utf_8_is_400_before_any_function_sees_it(http):
    assert http.get("/api/echo", headers=[(b"X-Mine", b"\xff")]).status_code == 400


@pytest.mark.parametrize("body", [b"\x1f\x8bno gzip", gzip.compress(b"text", mtime=0)])
def test_a_body_is_handed_on_as_it_was_sent_whatever_its_encoding(http, body):
    headers = {"Content-Encoding": "gzip", "Accept-Encoding": "identity"}

    response = http.post("/api/echo", content=body, headers=headers)

    assert response.json()["body"].encode("latin-1") == body


def test_a_callers_own_principal_headers_are_dropped(http):
    headers = {"X-MS-CLIENT-PRINCIPAL": "e30=", "X-MS-CLIENT-PRINCIPAL-ID": "me", "X-Mine": "kept"}

    seen = http.get("/api/echo", headers=headers).json()["headers"]

    assert seen["x-mine"] == "kept"
    assert not [name for name in seen if name.startswith("x-ms-client-principal")]


@pytest.mark.parametrize(
    ("path", "header", "query", "status"),
    [
        ("echo", None, None, 200),
        ("keyed", None, None, 401),
        ("keyed", "wrong", None, 401),
        ("keyed", "the-function-key", None, 200),
        ("keyed", None, "the-function-key", 200),
        ("keyed", "the-master-key", None, 200),
        ("keyed", "wrong", "the-function-key", 401),
        ("guarded", "the-function-key", None, 401),
        ("guarded", "the-master-key", None, 200),
    ],
)
def test_keys_open_what_their_level_allows(http, path, header, query, status):
    response = http.get(
        f"/api/{path}",
        headers={"x-functions-key": header} if header else {},
        params={"code": query} if query else {},
    )

    assert response.status_code == status
    if status == 401:
        assert response.content == b""


@pytest.mark.parametrize("path", ["boom?text=x", "surrogate", "exit"])
def test_a_failure_is_500_without_a_body_and_the_host_lives_on(http, path):
    response = http.get(f"/api/{path}")

    assert (response.status_code, response.content) == (500, b"")
    assert http.get("/api/echo").status_code == 200


def test_a_failure_is_in_the_log_with_its_trace(http, http_host):
    http.get("/api/boom?text=the-reason")

    http_host.wait_for_log("RuntimeError: the-reason", times=2)
    assert "in boom" in http_host.log


def test_a_response_keeps_cookies_apart_and_of_other_headers_the_last(http):
    response = http.get("/api/cookies")

    assert response.status_code == 201
    assert response.headers.get_list("x-twice") == ["two"]
    assert response.headers.get_list("set-cookie") == [
        "a=b; max-age=5; domain=; path=/x; samesite=lax; httponly",
        "c=d; domain=; path=",
    ]


def test_text_alone_is_200_and_plain(http):
    response = http.get("/api/items/special")

    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_an_output_parameter_is_the_response_and_no_output_is_204(http):
    assert http.get("/api/nothing").status_code == 204
    response = http.get("/api/nothing?set=1")
    assert (response.status_code, response.text) == (202, "by out")


def test_an_invocation_continues_the_callers_trace_in_a_span_of_its_own(http):
    trace_id = uuid.uuid4().hex
    parent = f"00-{trace_id}-00f067aa0ba902b7-01"

    seen = http.get("/api/trace", headers={"traceparent": parent}).text

    assert seen.startswith(f"00-{trace_id}-")
    assert seen.endswith("-01")
    assert seen != parent
    assert http.get("/api/trace").text.startswith("00-")


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_what_a_handler_logs_names_its_function_and_invocation(http, http_host, kind):
    invocation = http.get(f"/api/log/{kind}").text

    http_host.wait_for_log(f"[log_{kind} {invocation}] from the {kind} handler")


def test_what_a_handler_prints_goes_to_standard_error(http, http_host):
    http.get("/api/log/async")

    http_host.wait_for_log("printed by the handler")


def test_async_handlers_run_at_the_same_time(http):
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: http.get("/api/meet").text, range(2)))

    assert answers == ["met", "met"]


def test_a_handler_that_blocks_its_loop_does_not_block_the_host(http, http_host, tmp_path):
    until = tmp_path / "go on"
    with ThreadPoolExecutor(1) as pool:
        blocked = pool.submit(http.get, "/api/block", params={"until": str(until)})
        http_host.wait_for_log("blocking the app's loop")

        assert http.get("/admin/host/ping").status_code == 200
        assert not blocked.done()
        until.touch()
        assert blocked.result().text == "unblocked"
