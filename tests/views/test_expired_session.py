"""A token runs out: sign in again, and find the page and what was typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_share, inbox, share_url, status_url


def page_after_sign_in(answer: Any) -> str:
    target = urlsplit(answer.headers.get("HX-Redirect") or answer["Location"])
    assert target.path == "/sign-in/"
    return str(parse_qs(target.query)["next"][0])


def sign_in_again(party: Party, target: str) -> None:
    form = {
        "method": "password",
        "username": party.name,
        "password": PASSWORD,
        "domain": "Default",
        "next": target,
    }
    assert party.client.post("/sign-in/", form)["Location"] == target


@pytest.mark.parametrize("path", ["/inbox/?status=accepted&page=2", "/inbox/"])
def test_a_page_is_come_back_to(fake: FakeCloud, consumer: Party, path: str) -> None:
    fake.expire_all()
    target = page_after_sign_in(consumer.client.get(path))
    assert target == path
    sign_in_again(consumer, target)
    assert consumer.client.get(path).status_code == 200


def test_our_own_clock_says_so_too(fake: FakeCloud, consumer: Party) -> None:
    """Without a call: the token's time is over."""
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        calls = len(fake.calls)
        assert page_after_sign_in(consumer.client.get("/inbox/")) == "/inbox/"
        assert len(fake.calls) == calls


def test_the_ticks_in_the_inbox_are_there_again(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.expire_all()
    answer = consumer.client.post("/inbox/", {"image": image_id, "status": "accepted"})
    sign_in_again(consumer, page_after_sign_in(answer))
    assert f'value="{image_id}" checked' in inbox(consumer.client)
    assert "checked" not in inbox(consumer.client)  # once


def test_the_answer_on_a_shares_page_is_named_again(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    page = f"{share_url(image_id)}?project={consumer.project.id}"
    fake.expire_all()
    headers = {"Referer": f"http://testserver{page}"}
    answer = consumer.client.post(status_url(image_id), {"status": "rejected"}, headers=headers)
    assert page_after_sign_in(answer) == page
    sign_in_again(consumer, page)
    text = consumer.client.get(page).content.decode()
    assert "You had chosen “Hide from my image list”" in text
    assert fake.member_status(image_id, consumer.project) == "pending"


def test_a_script_comes_back_to_the_share_as_well(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.expire_all()
    answer = consumer.client.post(status_url(image_id), {"status": "rejected"})
    assert page_after_sign_in(answer) == share_url(image_id)


def test_from_a_page_that_only_takes_a_form_one_comes_back_to_the_one_above(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    """The page with the mistakes stands at the form's own address."""
    image_id = a_share(fake, producer, consumer)
    fake.expire_all()
    headers = {"Referer": f"http://testserver{status_url(image_id)}"}
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"}, headers=headers)
    assert page_after_sign_in(answer) == share_url(image_id)


def test_htmx_goes_to_the_sign_in_as_a_whole_page(fake: FakeCloud, consumer: Party) -> None:
    fake.expire_all()
    headers = {
        "HX-Request": "true",
        "HX-Target": "tray",
        "HX-Current-URL": "http://testserver/inbox/?status=rejected",
    }
    answer = consumer.client.post("/inbox/", {"status": "accepted"}, headers=headers)
    assert answer.status_code == 200
    assert page_after_sign_in(answer) == "/inbox/?status=rejected"


def test_keystone_away_is_not_the_end_of_a_session(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    """The Image API says 401 then (trap 14)."""
    image_id = a_share(fake, producer, consumer)
    fake.stop_keystone()
    for path in ("/inbox/", share_url(image_id)):
        answer = consumer.client.get(path)
        assert answer.status_code == 503
        assert "Keystone does not answer" in answer.content.decode()
    fake.start_keystone()
    assert image_id in inbox(consumer.client)


def test_a_revoked_token_ends_the_session_as_soon_as_the_image_api_notices(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.glance.remembers_tokens = True
    assert image_id in inbox(consumer.client)
    fake.expire_all()
    assert image_id in inbox(consumer.client)  # for up to 300 s (trap 14)
    fake.glance.remembers_tokens = False
    assert page_after_sign_in(consumer.client.get("/inbox/")) == "/inbox/"


def test_a_form_of_someone_else_is_not_shown(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    """Also not when the same share is theirs."""
    colleague = fake.user("zoe", PASSWORD, projects=[consumer.project])
    image_id = a_share(fake, producer, consumer)
    fake.expire_all()
    consumer.client.post("/inbox/", {"image": image_id, "status": "accepted"})
    sign_in_again(Party(consumer.client, consumer.project, colleague.name), "/inbox/")
    assert "checked" not in inbox(consumer.client)


def test_a_message_for_someone_else_is_not_shown(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    zoe = fake.user("zoe", PASSWORD, projects=[consumer.project])
    image_id = a_share(fake, producer, consumer)
    answer = consumer.client.post(status_url(image_id), {"status": "accepted"})
    assert [str(one) for one in get_messages(answer.wsgi_request)]
    sign_in_again(Party(consumer.client, consumer.project, zoe.name), "/inbox/")
    assert "is in your image list now" not in inbox(consumer.client)


def test_a_script_that_was_never_signed_in_finds_nothing_kept(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    stray = Party(Client(), consumer.project, consumer.name)
    stray.client.post("/inbox/", {"image": image_id, "status": "accepted"})
    sign_in_again(stray, "/inbox/")
    assert "checked" not in inbox(stray.client)
