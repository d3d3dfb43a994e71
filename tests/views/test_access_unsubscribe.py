import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import Recipient
from tests.visitor import a_recipient, page_of

pytestmark = pytest.mark.django_db


def link(contact: Recipient) -> str:
    return reverse("unsubscribe", args=[contact.token])


def test_opening_the_link_changes_nothing() -> None:
    contact = a_recipient()
    page = page_of(link(contact))
    assert "Stop these mails" in page
    assert page.count("<h1") == 1
    contact.refresh_from_db()
    assert contact.unsubscribed_at is None


def test_one_click_of_a_mail_program_is_enough() -> None:
    contact = a_recipient()
    program = Client(enforce_csrf_checks=True)
    answer = program.post(
        link(contact),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200  # RFC 8058: no redirect
    contact.refresh_from_db()
    assert contact.unsubscribed_at is not None


def test_a_second_time_shows_the_same_page_and_keeps_the_date() -> None:
    contact = a_recipient()
    first, second = (Client().post(link(contact)).content.decode() for _ in range(2))
    assert "You get no more mails" in first
    assert "You get no more mails" in second
    contact.refresh_from_db()
    date = contact.unsubscribed_at
    Client().post(link(contact))
    contact.refresh_from_db()
    assert contact.unsubscribed_at == date


def test_one_can_come_back() -> None:
    contact = a_recipient()
    page = Client().post(link(contact)).content.decode()
    assert 'name="subscribe" value="yes"' in page
    Client().post(link(contact), {"subscribe": "yes"})
    contact.refresh_from_db()
    assert contact.unsubscribed_at is None


def test_only_this_producers_mails_stop() -> None:
    mine, other = a_recipient(), a_recipient(producer_project_id="0" * 32)
    Client().post(link(mine))
    other.refresh_from_db()
    assert other.unsubscribed_at is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_guessed_link_leads_nowhere(method: str) -> None:
    assert getattr(Client(), method)(reverse("unsubscribe", args=["x"])).status_code == 404


def test_the_words_are_private() -> None:
    answer = Client().get(link(a_recipient()))
    assert answer.headers["Cache-Control"] == "private, no-store"
