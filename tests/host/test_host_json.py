"""host.json and local.settings.json: defaults, overrides, and what is refused."""

import json
import os
from datetime import timedelta

import pytest

from local.host.errors import StartupError
from local.host.host_json import load_host_config
from local.host.servicebus.connection import Connection
from local.host.settings import Settings, apply_local_settings


@pytest.fixture
def config(tmp_path):
    def load(document, **settings):
        (tmp_path / "host.json").write_text(json.dumps(document))
        return load_host_config(tmp_path, Settings(settings))

    return load


def test_the_defaults_are_microsofts(config):
    loaded = config({"version": "2.0"})

    assert loaded.route_prefix == "api"
    assert loaded.function_timeout == timedelta(minutes=30)
    bus = loaded.service_bus
    assert (bus.prefetch_count, bus.auto_complete_messages) == (0, True)
    assert bus.max_auto_lock_renewal == timedelta(minutes=5)
    assert bus.max_concurrent_calls == 16 * os.cpu_count()
    assert bus.max_concurrent_sessions == 8
    assert bus.session_idle_timeout == timedelta(minutes=1)


def test_a_setting_overrides_the_file_in_any_case(config):
    document = {
        "version": "2.0",
        "functionTimeout": "00:05:00",
        "extensions": {"serviceBus": {"maxConcurrentSessions": 8, "maxConcurrentCalls": 3}},
    }
    loaded = config(
        document,
        AzureFunctionsJobHost__extensions__serviceBus__maxConcurrentSessions="2",
        AZUREFUNCTIONSJOBHOST__FUNCTIONTIMEOUT="-1",
    )

    assert loaded.service_bus.max_concurrent_sessions == 2
    assert loaded.service_bus.max_concurrent_calls == 3
    assert loaded.function_timeout is None


def test_retries_back_off_as_configured(config):
    options = {"mode": "exponential", "delay": "00:00:00.80", "maxDelay": "00:00:02"}
    document = {"version": "2.0", "extensions": {"serviceBus": {"clientRetryOptions": options}}}

    retry = config(document).service_bus.retry

    assert retry.max_retries == 3
    assert [retry.wait(attempt) for attempt in (1, 2, 3)] == [0.8, 1.6, 2.0]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"version": "1.0"}, '"version" must be "2.0"'),
        ({"version": "2.0", "functionTimeout": "soon"}, "functionTimeout must be a time span"),
        (
            {"version": "2.0", "extensions": {"serviceBus": {"maxConcurrentSessions": 0}}},
            "maxConcurrentSessions must be at least 1, not 0",
        ),
        (
            {"version": "2.0", "extensions": {"serviceBus": {"prefetchCount": "many"}}},
            "prefetchCount must be a whole number",
        ),
        (
            {"version": "2.0", "extensions": {"serviceBus": {"autoCompleteMessages": "maybe"}}},
            "autoCompleteMessages must be true or false",
        ),
    ],
)
def test_an_unfit_host_json_is_refused(config, document, reason):
    with pytest.raises(StartupError, match=reason):
        config(document)


def test_a_missing_host_json_is_refused(tmp_path):
    with pytest.raises(StartupError, match=r"host\.json"):
        load_host_config(tmp_path, Settings({}))


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"IsEncrypted": true, "Values": {}}', '{"Values": {"A": 1}}']
)
def test_unfit_settings_files_are_refused(tmp_path, text):
    file = tmp_path / "settings.json"
    file.write_text(text)

    with pytest.raises(StartupError, match="settings file"):
        apply_local_settings(file)


def test_a_connection_is_a_string_or_a_namespace_with_an_identity():
    settings = Settings(
        {
            "Text": "Endpoint=sb://127.0.0.1",
            "Cloud__fullyQualifiedNamespace": "x.servicebus.windows.net",
            "Cloud:clientId": "an-id",
            "WHICH": "Text",
        }
    )

    assert Connection.from_settings("%WHICH%", settings).connection_string is not None
    assert Connection.from_settings("Cloud", settings) == Connection(
        None, "x.servicebus.windows.net", "an-id"
    )
    with pytest.raises(StartupError, match="'None' does not resolve"):
        Connection.from_settings("None", settings)


async def test_without_a_connection_string_the_identity_signs_in():
    connection = Connection(None, "x.servicebus.windows.net", "an-id")

    async with connection.client() as client:
        assert client.fully_qualified_namespace == "x.servicebus.windows.net"
