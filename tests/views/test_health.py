import pytest
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import Settings

from tests.conftest import Party
from tests.fake.cloud import FakeCloud

pytestmark = pytest.mark.django_db
CACHE = {"cache": "ok"}


def test_alive_asks_nobody(fake: FakeCloud) -> None:
    fake.stop_keystone()
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert not fake.calls


def test_ready_before_anybody_has_signed_in(fake: FakeCloud) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "keystone": "ok", "image": "unknown", **CACHE}


def test_ready_with_all_three(fake: FakeCloud, consumer: Party) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "keystone": "ok", "image": "ok", **CACHE}
    assert "GET /healthcheck" in fake.calls


def test_not_ready_without_keystone(fake: FakeCloud, consumer: Party) -> None:
    fake.stop_keystone()
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "keystone": "Refused", "image": "ok", **CACHE}


def test_not_ready_without_the_image_api(fake: FakeCloud, consumer: Party) -> None:
    fake.freeze_glance()
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "keystone": "ok", "image": "TimedOut", **CACHE}


def test_not_ready_without_the_image_api_of_one_region(fake: FakeCloud, consumer: Party) -> None:
    fake.fail("GET", "/healthcheck", status=500)
    assert Client().get("/readyz").json()["image"] == "Broken"


def test_not_ready_without_the_database(fake: FakeCloud) -> None:
    def away(*args: object) -> None:
        raise DatabaseError

    with connection.execute_wrapper(away):
        answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "DatabaseError"


def test_ready_without_the_cache_which_is_named(fake: FakeCloud, settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["cache"] == "away"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_load_balancer_may_ask_by_address(fake: FakeCloud, path: str) -> None:
    assert Client().get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200
