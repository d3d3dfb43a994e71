"""What waits in other projects while the cloud is slow or broken."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from sharing.models import ProjectToken
from sharing.services import waiting
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.fake.wire import Call, Reply
from tests.shares import a_share
from tests.visitor import page_of
from tests.waiting import counts, look, said

pytestmark = pytest.mark.django_db

TOKENS = "/v3/auth/tokens"


@pytest.fixture
def homes(fake: FakeCloud, sign_in: Callable[[str], Client]) -> list[Party]:
    """One user in six projects, signed in for the first."""
    projects = [fake.project(name) for name in "abcdef"]
    fake.user("six", PASSWORD, projects=projects)
    client = sign_in("six")
    return [Party(client, project, "six") for project in projects]


@pytest.fixture
def client(homes: list[Party]) -> Client:
    return homes[0].client


@pytest.fixture
def shares(fake: FakeCloud, producer: Party, homes: list[Party]) -> list[str]:
    """One for each project."""
    return [a_share(fake, producer, home) for home in homes]


def test_with_keystone_slow_the_page_is_there_and_the_count_comes(
    fake: FakeCloud, client: Client, shares: list[str]
) -> None:
    fake.fail("POST", TOKENS, slow=True, times=None)
    assert page_of("/inbox/", client)
    cache.clear()
    answer = look(client)
    assert 'data-count="1"' in answer
    for name in "bcdef":
        assert f"Project {name}: not available just now" in said(answer)
    assert "<title>(1) " in page_of("/", client)


@pytest.mark.parametrize(
    "weather",
    [
        {"slow": True},
        {"refused": True},
        {"html": True},
        {"status": 500},
        {"status": 403},
        {"body": "{}"},
    ],
    ids=["slow", "refused", "html", "500", "403", "no-token"],
)
def test_one_project_that_fails_hides_no_other(
    fake: FakeCloud, client: Client, shares: list[str], weather: dict[str, Any]
) -> None:
    fake.fail("POST", TOKENS, **weather)
    found = list(counts(client).values())
    assert sorted(found, key=str) == [1, 1, 1, 1, 1, None]


def test_with_keystone_away_nothing_is_signed_out(
    fake: FakeCloud, client: Client, shares: list[str]
) -> None:
    fake.stop_keystone()
    assert "not available just now" in said(look(client))
    fake.start_keystone()
    cache.clear()
    assert list(counts(client).values()) == [1] * 6


@pytest.mark.parametrize(
    "weather", [{"html": True, "status": 200}, {"status": 500}, {"slow": True}]
)
def test_with_the_image_api_broken_no_number_is_shown(
    fake: FakeCloud, client: Client, shares: list[str], weather: dict[str, Any]
) -> None:
    fake.fail("GET", "/v2/images", times=None, **weather)
    assert 'data-count=""' in look(client)
    assert "How much waits here is not available" in said(page_of(reverse("waiting"), client))


def test_what_is_not_available_is_not_asked_for_at_each_page(
    fake: FakeCloud, client: Client, shares: list[str]
) -> None:
    fake.fail("POST", TOKENS, slow=True, times=None)
    look(client)
    before = len(fake.calls)
    page = page_of("/", client)
    assert "hx-trigger" not in page.partition("<main")[0]
    assert "Project b: not available just now" in said(page)
    assert fake.calls[before:] == []


def test_four_at_a_time(
    fake: FakeCloud, client: Client, shares: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four are under way together, and never a fifth."""
    together, lock, fifth = threading.Barrier(4), threading.Lock(), threading.Event()
    flying, met = 0, 0
    answer = fake.adapter.answer

    def counted(call: Call) -> Reply:
        nonlocal flying, met
        with lock:
            flying += 1
            met += 1
            is_first = met <= 4
            if flying > 4:
                fifth.set()
        if is_first:  # all four stay where they are, and leave a fifth the time to come
            together.wait(timeout=20)
            fifth.wait(timeout=0.3)
        try:
            return answer(call)
        finally:
            with lock:
                flying -= 1

    monkeypatch.setattr(fake.adapter, "answer", counted)
    look(client)
    assert (together.broken, fifth.is_set()) == (False, False)


def test_a_project_is_not_begun_with_too_late(
    client: Client, shares: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", -1.0)
    assert "Project f: not available just now" in said(look(client))
    monkeypatch.setattr(waiting, "PATIENCE", 8.0)
    assert "1 waits in project f" in said(look(client))


def test_a_refused_token_is_dropped_and_made_anew(
    fake: FakeCloud, client: Client, homes: list[Party], shares: list[str]
) -> None:
    look(client)
    kept = [one for one in fake.keystone.tokens.values() if one.project_id == homes[1].project.id]
    fake.expire(kept[0].id)
    cache.clear()
    assert "1 waits in project b" in said(look(client))
    assert ProjectToken.objects.filter(project_id=homes[1].project.id).count() == 1


def test_with_all_tokens_refused_nobody_is_signed_out_behind_the_back(
    fake: FakeCloud, client: Client, shares: list[str]
) -> None:
    """What is typed on the page is safe; the next page that needs the cloud signs in."""
    look(client)
    cache.clear()
    fake.expire_all()
    assert "not available just now" in said(look(client))
    assert not ProjectToken.objects.exists()
    assert client.get("/inbox/")["Location"].startswith("/sign-in/?next=")
