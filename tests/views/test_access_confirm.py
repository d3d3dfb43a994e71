"""The link in the mail proves the address; nothing else does."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import AccessRequest, OutgoingMail
from tests.visitor import PROJECT, a_listing, a_request, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> AccessRequest:
    form = {"project_id": PROJECT, "email": "chen@orchard.test", "message": "Hello."}
    Client().post(reverse("request", args=[a_listing().slug]), form)
    return AccessRequest.objects.get()


def link(asked: AccessRequest) -> str:
    """As it is in the mail."""
    text = OutgoingMail.objects.get(kind="confirm_request").text
    line = next(line for line in text.splitlines() if "/confirm/" in line)
    return line.strip().removeprefix("http://localhost")


def state(asked: AccessRequest) -> str:
    asked.refresh_from_db()
    return asked.state


def test_opening_the_link_only_shows_a_button(asked: AccessRequest) -> None:
    page = page_of(link(asked))
    assert f'action="{reverse("access-confirm", args=[asked.token])}"' in page
    assert f'data-request="{asked.pk}"' in page
    assert state(asked) == "unconfirmed"


def test_the_button_sends_the_request_to_the_producer(asked: AccessRequest) -> None:
    form = {"key": asked.confirm_token}
    answer = Client().post(reverse("access-confirm", args=[asked.token]), form)
    assert answer.headers["Location"] == asked.get_absolute_url()
    assert state(asked) == "open"
    assert asked.confirmed_at is not None
    assert OutgoingMail.objects.get(kind="request_received").to == "images@acme.test"


def test_the_link_takes_a_post_too(asked: AccessRequest) -> None:
    assert Client().post(link(asked)).status_code == 302
    assert state(asked) == "open"


def test_before_it_the_producer_hears_nothing(asked: AccessRequest) -> None:
    assert not OutgoingMail.objects.filter(kind="request_received").exists()


@pytest.mark.parametrize("key", ["", "wrong", "\0", "ü"])
def test_the_status_pages_address_does_not_confirm(asked: AccessRequest, key: str) -> None:
    url = reverse("access-confirm", args=[asked.token])
    for guess in (key, asked.token):
        assert Client().post(url, {"key": guess}).status_code == 404
        assert Client().get(url, {"key": guess}).status_code == 404
    assert state(asked) == "unconfirmed"


def test_the_key_of_another_request_does_not_confirm(asked: AccessRequest) -> None:
    other = a_request(asked.listing, "unconfirmed")
    url = reverse("access-confirm", args=[asked.token])
    assert Client().post(url, {"key": other.confirm_token}).status_code == 404


def test_the_link_is_good_for_48_hours(asked: AccessRequest) -> None:
    with time_machine.travel(asked.created_at + timedelta(hours=47, minutes=59)):
        assert Client().post(link(asked)).status_code == 302
    assert state(asked) == "open"


def test_then_it_says_so_and_offers_to_ask_again(asked: AccessRequest) -> None:
    with time_machine.travel(asked.created_at + timedelta(hours=48, seconds=1)):
        for answer in (Client().get(link(asked)), Client().post(link(asked))):
            assert answer.status_code == 410
            assert "has expired" in answer.content.decode()
            assert f"?from={asked.token}" in answer.content.decode()
    assert state(asked) == "unconfirmed"
    assert not OutgoingMail.objects.filter(kind="request_received").exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_second_click_leads_to_the_status(asked: AccessRequest, method: str) -> None:
    Client().post(link(asked))
    answer = getattr(Client(), method)(link(asked))
    assert answer.headers["Location"] == asked.get_absolute_url()
    assert OutgoingMail.objects.filter(kind="request_received").count() == 1


def test_a_withdrawn_request_is_not_confirmed(asked: AccessRequest) -> None:
    Client().post(reverse("access-withdraw", args=[asked.token]))
    Client().post(link(asked))
    assert state(asked) == "withdrawn"


def test_no_cache_keeps_the_page(asked: AccessRequest) -> None:
    assert Client().get(link(asked)).headers["Cache-Control"] == "private, no-store"


def test_the_time_of_the_confirmation_is_now(asked: AccessRequest) -> None:
    moment = timezone.now() + timedelta(hours=3)
    with time_machine.travel(moment, tick=False):
        Client().post(link(asked))
    asked.refresh_from_db()
    assert asked.confirmed_at == moment
