"""The fake is loud: what the portal should not ask for fails the test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from sharing.cloud.errors import Broken, Refused, SessionEnded, TimedOut
from sharing.cloud.resources import Project, User
from sharing.cloud.transport import Timeout
from tests.fake import FakeCloud

TIMEOUT = Timeout(1, 1)


@pytest.fixture
def fake() -> FakeCloud:
    return FakeCloud()


@pytest.fixture
def home(fake: FakeCloud) -> Project:
    return fake.project("home")


@pytest.fixture
def ada(fake: FakeCloud, home: Project) -> User:
    return fake.user("ada", projects=[home])


def get(fake: FakeCloud, url: str, token: str = "") -> requests.Response:
    headers = {"X-Auth-Token": token, "Accept": "application/json"}
    return fake.transport().session(TIMEOUT).get(url, headers=headers)


@pytest.mark.parametrize(
    "path", ["/v2/images?vizibility=shared", "/v2/tasks", "/v2/images/x", "/v2/images/x/y"]
)
def test_unknown_routes_and_parameters_fail(
    fake: FakeCloud, ada: User, home: Project, path: str
) -> None:
    token = fake.token(ada, home)
    with pytest.raises(AssertionError):
        get(fake, token.image_urls["RegionOne"] + path, token.id)


@pytest.mark.parametrize("url", ["https://elsewhere.test/v2/images", FakeCloud.auth_url + "/users"])
def test_unknown_hosts_and_keystone_routes_fail(fake: FakeCloud, url: str) -> None:
    with pytest.raises(AssertionError):
        get(fake, url)


def test_a_parameter_twice_fails(fake: FakeCloud, ada: User, home: Project) -> None:
    token = fake.token(ada, home)
    with pytest.raises(AssertionError):
        get(fake, token.image_urls["RegionOne"] + "/v2/images?limit=1&limit=2", token.id)


def test_closing_a_session_fails(fake: FakeCloud) -> None:
    with pytest.raises(AssertionError):
        fake.transport().session(TIMEOUT).close()


def test_calls_are_counted(fake: FakeCloud, ada: User, home: Project) -> None:
    client = fake.client(ada, home)
    fake.requests.clear()
    client.list_images()
    assert fake.calls == ["GET /v2/images", "GET /v2/images"]
    assert [call.params["os_hidden"] for call in fake.requests] == ["false", "true"]


def test_the_clock_can_be_set(home: Project) -> None:
    fake = FakeCloud(lambda: datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))
    home = fake.project("home")
    ada = fake.user("ada", projects=[home])
    client = fake.client(ada, home)
    image = client.get_image(fake.image(home))
    assert image.created_at.isoformat() == "2030-01-02T03:04:05+00:00"
    assert fake.token(ada).expires_at.hour == 4


def test_bad_weather_passes(fake: FakeCloud, ada: User, home: Project) -> None:
    client = fake.client(ada, home)
    fake.fail("GET", "/v2/images", status=500)
    with pytest.raises(Broken):
        client.list_images()
    client.list_images()


def test_bad_weather_may_stay(fake: FakeCloud, ada: User, home: Project) -> None:
    client = fake.client(ada, home)
    fake.fail("GET", "/v2/images/*/members", refused=True, times=None)
    for _ in range(3):
        with pytest.raises(Refused):
            client.list_members(fake.image(home))


def test_services_can_be_stopped_and_frozen(fake: FakeCloud, ada: User, home: Project) -> None:
    client = fake.client(ada, home)
    fake.stop_glance()
    with pytest.raises(Refused):
        client.list_images()
    fake.start_glance()
    fake.freeze_glance()
    with pytest.raises(TimedOut):
        client.list_images()
    fake.thaw_glance()
    client.list_images()


def test_tokens_can_be_ended(fake: FakeCloud, ada: User, home: Project) -> None:
    client = fake.client(ada, home)
    fake.expire_all()
    with pytest.raises(SessionEnded):
        client.list_images()
