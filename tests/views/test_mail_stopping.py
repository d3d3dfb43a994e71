"""One click of a mail stops a person's mails about a project."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from sharing.models import MailAddress, OutgoingMail
from sharing.services import mail_addresses
from tests.conftest import Party
from tests.preferences import (
    CHEN,
    PAGE,
    an_address,
    open_link,
    share,
    subscribe,
)
from tests.visitor import page_of

pytestmark = pytest.mark.django_db


def test_one_click_of_a_mail_program_stops_them(
    producer: Party, consumer: Party, image: str
) -> None:
    subscribe(consumer)
    open_link(CHEN)
    share(producer, image, consumer)
    url = OutgoingMail.objects.get(kind="shared").unsubscribe_url
    program = Client(enforce_csrf_checks=True)
    answer = program.post(
        url.removeprefix("http://localhost"),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200  # RFC 8058: no redirect
    assert not MailAddress.objects.get().is_in_use
    assert "stopped these mails" in page_of(PAGE, consumer.client)


def test_opening_the_link_to_stop_changes_nothing(consumer: Party) -> None:
    address = an_address(consumer.project.id)
    page = page_of(f"/unsubscribe/{address.token}/")
    assert "Stop these mails?" in page
    address.refresh_from_db()
    assert address.is_in_use


def test_stopped_twice_it_keeps_its_date_and_one_can_come_back(consumer: Party) -> None:
    address = an_address(consumer.project.id)
    link = f"/unsubscribe/{address.token}/"
    Client().post(link)
    address.refresh_from_db()
    date = address.ended_at
    Client().post(link)
    address.refresh_from_db()
    assert (address.ended_at, address.ending) == (date, "stopped")
    Client().post(link, {"subscribe": "yes"})
    address.refresh_from_db()
    assert address.is_in_use


def test_it_does_not_come_back_where_another_one_is_in_its_place(consumer: Party) -> None:
    address = an_address(consumer.project.id, ended_at=timezone.now(), ending="stopped")
    an_address(consumer.project.id, "new@orchard.test")
    Client().post(f"/unsubscribe/{address.token}/", {"subscribe": "yes"})
    address.refresh_from_db()
    assert not address.is_in_use


def test_old_addresses_are_forgotten_in_the_end(consumer: Party) -> None:
    ended = an_address(consumer.project.id, ended_at=timezone.now(), ending="stopped")
    an_address(consumer.project.id, "unproved@orchard.test", confirmed_at=None)
    kept = an_address(consumer.project.id, "kept@orchard.test")
    assert mail_addresses.forget_old() == 0
    assert Client().get(f"/unsubscribe/{ended.token}/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=93)):
        assert mail_addresses.forget_old() == 2
    assert list(MailAddress.objects.all()) == [kept]
