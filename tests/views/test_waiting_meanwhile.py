"""What the user does while a page looks at the other projects in the background is not undone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from sharing.models import ProjectToken
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_share, status_url
from tests.visitor import page_of
from tests.waiting import look, said

pytestmark = pytest.mark.django_db

TOKENS = "/v3/auth/tokens"


@pytest.fixture
def homes(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> tuple[Party, Party]:
    """One user in two projects, with a share in each. The first one's inbox is open, so that only
    the second is to be looked at: on the request's own thread."""
    projects = [fake.project("alpha"), fake.project("beta")]
    fake.user("duo", PASSWORD, projects=projects)
    client = sign_in("duo")
    first, second = (Party(client, project, "duo") for project in projects)
    for home in (first, second):
        a_share(fake, producer, home)
    page_of("/inbox/", client)
    return first, second


def test_a_project_switch_stands(fake: FakeCloud, homes: tuple[Party, Party]) -> None:
    client, beta = homes[0].client, homes[1].project.id
    switch = {"project_id": beta}
    fake.after("POST", TOKENS, lambda: client.post(reverse("scope"), switch))
    look(client)
    assert "<strong>beta</strong>" in page_of("/inbox/", client)


def test_a_sign_out_stands_and_leaves_no_token(fake: FakeCloud, homes: tuple[Party, Party]) -> None:
    client = homes[0].client
    fake.after("POST", TOKENS, lambda: client.post(reverse("sign-out")))
    look(client)
    assert client.get("/inbox/").status_code == 302
    assert not ProjectToken.objects.exists()
    mine = [one for one in fake.keystone.tokens.values() if one.user.name == "duo"]
    assert mine
    assert all(token.is_revoked for token in mine)


def test_a_message_and_a_draft_are_still_there(
    fake: FakeCloud, producer: Party, homes: tuple[Party, Party]
) -> None:
    client, image_id = homes[0].client, a_share(fake, producer, homes[0], name="later")

    def answer() -> None:
        client.post(status_url(image_id), {"status": "accepted"})
        fake.stop_glance()
        client.post(status_url(image_id), {"status": "rejected"})
        fake.start_glance()

    fake.after("POST", TOKENS, answer)
    look(client)
    page = page_of(reverse("share", args=[image_id]), client)
    assert "is in your image list now" in page
    assert "You had chosen" in page


def test_an_answer_is_not_forgotten_for_an_older_count(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    """The look has its count when the answer is given."""
    client, image_id = consumer.client, a_share(fake, producer, consumer)
    answer = {"status": "accepted"}
    fake.after("GET", "/v2/images", lambda: client.post(status_url(image_id), answer))
    look(client)
    page = page_of("/", client)
    assert "<title>(1)" not in page
    assert 'hx-trigger="load"' in page


def test_a_page_opened_meanwhile_waits_for_the_first_look(
    fake: FakeCloud, homes: tuple[Party, Party]
) -> None:
    client, second = homes[0].client, list[str]()
    fake.after("POST", TOKENS, lambda: second.append(look(client)))
    assert "1 waits in project beta" in said(look(client))
    assert 'hx-trigger="load delay:2s"' in second[0]
    assert fake.calls.count(f"POST {TOKENS}") == 1


def test_the_session_is_not_written(homes: tuple[Party, Party]) -> None:
    stored = Session.objects.get(session_key=homes[0].client.session.session_key)
    look(homes[0].client)
    stored_after = Session.objects.get(session_key=stored.session_key)
    assert stored_after.session_data == stored.session_data
