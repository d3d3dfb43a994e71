"""A Redis that is away: nothing is remembered, and no page fails because of it."""

import time

import pytest
from django.core.cache import cache
from django.urls import reverse
from pytest_django import Settings

from portal.forgetful import PAUSE_SECONDS
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_share
from tests.visitor import page_of
from tests.waiting import look

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


@pytest.fixture(autouse=True)
def redis_is_away(settings: Settings) -> None:
    backend, nobody = "portal.forgetful.ForgetfulCache", "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": nobody}}


def test_it_has_forgotten_everything() -> None:
    cache.set("a", 1)
    assert cache.get("a", "nothing") == "nothing"
    assert cache.add("a", 1)
    assert not cache.delete("a")


def test_it_is_asked_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    """Each question would wait for its own time-out."""
    start = time.monotonic()
    while time.monotonic() < start + 0.5:
        assert cache.get("a") is None
    assert len(caplog.records) <= 1
    time.sleep(PAUSE_SECONDS)
    assert cache.get("a") is None
    assert 1 <= len(caplog.records) <= 2


def test_the_pages_are_there_and_the_count_comes(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    a_share(fake, producer, consumer)
    for name in ("catalogue", "inbox", "waiting"):
        assert page_of(reverse(name), consumer.client)
    assert 'data-count="1"' in look(consumer.client)
    assert 'hx-get="/inbox/waiting/"' not in look(consumer.client)
