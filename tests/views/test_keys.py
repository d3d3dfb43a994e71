"""Addresses that are keys: who tries wrong ones waits, and a right one is never held up."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from sharing.services.keys import WITHIN, WRONG_ONES
from tests.visitor import a_listing, a_recipient, a_request

pytestmark = pytest.mark.django_db
PAGES = ("/access/{}/", "/access/{}/confirm/", "/mail/{}/confirm/", "/unsubscribe/{}/")
FORMS = ("/access/{}/withdraw/", "/access/{}/answer/", *PAGES[1:])


def statuses(page: str, number: int, *, by: str = "GET") -> list[int]:
    browser = Client()
    return [browser.generic(by, page.format(f"wrong{one}")).status_code for one in range(number)]


@pytest.mark.parametrize("page", [*PAGES, "/feeds/{}.atom"])
def test_thirty_wrong_ones_are_enough(page: str) -> None:
    assert statuses(page, WRONG_ONES + 1) == [404] * WRONG_ONES + [429]


@pytest.mark.parametrize("page", FORMS)
def test_sent_by_a_form_too(page: str) -> None:
    assert statuses(page, WRONG_ONES + 1, by="POST")[-1] == 429


def test_a_right_link_with_wrong_keys_of_its_mail() -> None:
    asked = a_request(a_listing(), "unconfirmed")
    link = f"/access/{asked.token}/confirm/"
    answers = [Client().post(link, {"key": str(one)}) for one in range(WRONG_ONES + 1)]
    assert [answers[0].status_code, answers[-1].status_code] == [404, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    asked.refresh_from_db()
    assert asked.state == "unconfirmed"


def test_they_count_together_for_all_kinds_and_for_the_address_alone() -> None:
    statuses(PAGES[0], WRONG_ONES)
    assert Client().get("/feeds/wrong.atom").status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.9").get("/feeds/wrong.atom").status_code == 404


def test_a_right_one_is_never_held_up_and_the_wait_ends() -> None:
    statuses(PAGES[0], WRONG_ONES + 1)
    assert Client().get(f"/unsubscribe/{a_recipient().token}/").status_code == 200
    with time_machine.travel(timezone.now() + WITHIN + timedelta(seconds=1)):
        assert statuses(PAGES[0], 1) == [404]
