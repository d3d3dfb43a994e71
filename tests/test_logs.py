"""What stands in the log: one request ID from the browser to Glance, and no secret address."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from logging.config import DictConfigurator
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from sharing import logs
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.visitor import a_listing, a_request


def broken(_request: HttpRequest, token: str) -> HttpResponse:
    raise RuntimeError("on purpose")


urlpatterns = [path("broken/<slug:token>/", broken), path("", include("sharing.urls"))]
pytestmark = pytest.mark.django_db


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """All that is logged from now on, in one of the site's own formats."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    formats = DictConfigurator(deepcopy(settings.LOGGING))
    handler.setFormatter(formats.configure_formatter(formats.config["formatters"][request.param]))
    handler.addFilter(logs.Context())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)


def test_one_id_from_the_browser_to_the_image_api(
    log: StringIO, fake: FakeCloud, consumer: Party
) -> None:
    answer = consumer.client.get("/inbox/")
    own = [one for one in log.getvalue().splitlines() if answer["X-Openstack-Request-Id"] in one]
    assert any("/v2/images" in line for line in own)
    assert any("/inbox/" in line and "200" in line for line in own)


def test_each_request_has_an_id_of_its_own(consumer: Party) -> None:
    ids = {consumer.client.get("/")["X-Openstack-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_also_the_line_that_django_writes_of_an_error(
    log: StringIO, fake: FakeCloud, consumer: Party
) -> None:
    fake.stop_glance()
    answer = consumer.client.get("/inbox/")
    [line] = [one for one in log.getvalue().splitlines() if "Service Unavailable" in one]
    assert answer["X-Openstack-Request-Id"] in line


@pytest.mark.parametrize("verb", ["", "confirm/", "withdraw/", "nonsense/"])
def test_no_address_that_is_a_secret(log: StringIO, verb: str) -> None:
    asked = a_request(a_listing(), "open")
    for client in (Client(), Client(enforce_csrf_checks=True)):
        client.get(f"/access/{asked.token}/{verb}")
        client.post(f"/access/{asked.token}/{verb}", {"token": asked.token})
    assert log.getvalue()
    assert asked.token not in log.getvalue()


def test_no_password_and_no_token(log: StringIO, fake: FakeCloud, consumer: Party) -> None:
    wrong = {"method": "password", "username": "chen", "password": "hunter2", "domain": "Default"}
    consumer.client.get("/inbox/")
    Client().post("/sign-in/", wrong)
    text = log.getvalue()
    for secret in ("hunter2", PASSWORD, *fake.keystone.tokens):
        assert secret not in text


def test_not_in_the_words_of_an_error_either(log: StringIO, settings: Any) -> None:
    """A fault of ours: its page is a 500, and the log has where it was, with the request's ID."""
    settings.ROOT_URLCONF = __name__
    answer = Client(raise_request_exception=False).get("/broken/a-secret/")
    assert answer.status_code == 500
    lines = log.getvalue()
    assert "on purpose" in lines
    assert "/broken/<slug:token>/" in lines
    assert answer["X-Openstack-Request-Id"] in lines
    assert "a-secret" not in lines


@pytest.mark.parametrize("log", ["json"], indirect=True)
def test_as_json_each_line_is_an_object(log: StringIO, consumer: Party) -> None:
    consumer.client.get("/inbox/")
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    last = lines[-1]
    assert (last["logger"], last["level"], last["route"]) == ("sharing.requests", "INFO", "/inbox/")
    assert (last["method"], last["status"]) == ("GET", 200)
    assert last["ms"] >= 0
    assert all(line["request_id"] and line["time"] for line in lines)
