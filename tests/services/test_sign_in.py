import json

import pytest
from django.contrib.sessions.backends.db import SessionStore
from pytest_django import Settings

from sharing import session
from sharing.cloud.errors import Refused, WrongCredentials
from sharing.models import Attempt
from sharing.services import refusals, sign_in
from tests.conftest import PASSWORD
from tests.fake.cloud import FakeCloud

pytestmark = pytest.mark.django_db


def enter(current: SessionStore, *, password: str = PASSWORD, project: str = "") -> None:
    sign_in.with_password(
        current,
        username="ada",
        password=password,
        domain="Default",
        address="10.0.0.1",
        wanted_project_id=project,
        request_id="req-test",
    )


def project_of(current: SessionStore) -> str:
    cloud = session.load(current, request_id="req-test")
    assert cloud
    return cloud.project.name


def test_the_first_project_by_name_unless_another_is_wanted(fake: FakeCloud) -> None:
    zebra, aardvark = fake.project("zebra"), fake.project("aardvark")
    fake.user("ada", PASSWORD, projects=[zebra, aardvark])
    current = SessionStore()
    for wanted, name in (("", "aardvark"), (zebra.id, "zebra"), ("0" * 32, "aardvark")):
        enter(current, project=wanted)
        assert project_of(current) == name


def test_a_project_that_gives_no_token_is_passed_over(fake: FakeCloud) -> None:
    """Disabled between the list and the token."""
    first, second = fake.project("first"), fake.project("second")
    fake.user("ada", PASSWORD, projects=[first, second])
    fake.disable(first)
    listed = {"projects": [{"id": first.id, "name": "a"}, {"id": second.id, "name": "b"}]}
    fake.fail("GET", "/v3/auth/projects", status=200, body=json.dumps(listed))
    current = SessionStore()
    enter(current)
    assert project_of(current) == "second"


def test_in_projects_that_all_give_no_token_there_is_nothing(fake: FakeCloud) -> None:
    home = fake.project("first")
    fake.user("ada", PASSWORD, projects=[home])
    fake.disable(home)
    with pytest.raises(sign_in.NoProject):
        enter(SessionStore())


def test_only_wrong_ones_stay_counted(fake: FakeCloud) -> None:
    fake.user("ada", PASSWORD, projects=[fake.project("p")])
    enter(SessionStore())
    assert not Attempt.objects.exists()
    with pytest.raises(WrongCredentials):
        enter(SessionStore(), password="no")
    assert Attempt.objects.count() == 2  # of the address and of the user
    fake.stop_keystone()
    with pytest.raises(Refused):
        enter(SessionStore())
    assert Attempt.objects.count() == 2


def test_a_refused_attempt_is_not_made_at_keystone(fake: FakeCloud) -> None:
    fake.user("ada", PASSWORD, projects=[fake.project("p")])
    for _ in range(sign_in.WRONG_PASSWORDS):
        with pytest.raises(WrongCredentials):
            enter(SessionStore(), password="no")
    calls = len(fake.calls)
    with pytest.raises(refusals.TooMany) as refusal:
        enter(SessionStore())
    assert 0 < refusal.value.wait_seconds <= 300
    assert len(fake.calls) == calls


def test_the_operators_region_comes_before_the_first(fake: FakeCloud, settings: Settings) -> None:
    fake.regions("North", "South")
    fake.user("ada", PASSWORD, projects=[fake.project("p")])
    current = SessionStore()
    for wanted, region in (("South", "South"), ("Atlantis", "North"), ("", "North")):
        settings.OS_REGION_NAME = wanted
        enter(current)
        cloud = session.load(current, request_id="req-test")
        assert cloud
        assert cloud.region == region


def test_the_same_user_keeps_what_was_typed_and_another_does_not(fake: FakeCloud) -> None:
    home = fake.project("p")
    for name in ("ada", "bo"):
        fake.user(name, PASSWORD, projects=[home])
    current = SessionStore()
    enter(current)
    current["draft"] = "typed"
    enter(current)
    assert current["draft"] == "typed"
    sign_in.with_password(
        current,
        username="bo",
        password=PASSWORD,
        domain="Default",
        address="10.0.0.1",
        wanted_project_id="",
        request_id="req-test",
    )
    assert "draft" not in current
