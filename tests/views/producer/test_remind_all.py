from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from sharing.cloud.resources import MemberStatus
from sharing.models import OutgoingMail, Share
from sharing.services import reminders
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import said, source
from tests.views.producer.waiting import everyone, has_contact, sent, waiting

__all__ = ["everyone", "waiting"]


def test_reminds_all_who_wait_and_says_what_became_of_each(
    fake: FakeCloud, producer: Party, image: str, everyone: str
) -> None:
    statuses: list[MemberStatus] = ["pending"] * 5
    statuses += ["accepted", "rejected"]
    for number, status in enumerate(statuses):
        fake.member(image, f"{number:032x}", status)
        if number != 1:
            has_contact(producer, f"{number:032x}", f"c{number}@orchard.test")
    producer.client.post(reverse("member-remind", args=[image, f"{2:032x}"]))
    producer.client.post(reverse("member-remind", args=[image, f"{3:032x}"]))
    Share.objects.filter(project_id=f"{3:032x}").update(
        reminders=3, reminded_at=timezone.now() - timedelta(days=90)
    )
    before = sent()
    answer = producer.client.post(everyone)
    assert answer.status_code == 302
    assert sent()[len(before) :] == ["c0@orchard.test", "c4@orchard.test"]
    page = said(producer.client.get(answer["Location"]))
    assert "2 reminded, 1 too soon, 1 often enough already, 1 without a contact." in page


def test_with_nobody_waiting_there_is_no_button_and_nothing_to_do(
    fake: FakeCloud, producer: Party, consumer: Party, image_page: str, image: str, everyone: str
) -> None:
    fake.member(image, consumer.project, "accepted")
    assert everyone not in source(producer.client.get(image_page))
    answer = producer.client.post(everyone)
    assert "Nobody waits" in said(producer.client.get(answer["Location"]))


def test_all_of_a_private_image_cannot_be_reminded(
    fake: FakeCloud, producer: Party, image: str, everyone: str
) -> None:
    fake.change_image(image, visibility="private")
    answer = producer.client.post(everyone)
    assert answer.status_code == 422
    assert "visibility is “private”" in said(answer)


# All of every image


LEDGER = "/producer/shares/"
EVERYWHERE = "/producer/shares/remind/"


@pytest.fixture
def two_images(fake: FakeCloud, producer: Party, image: str) -> list[str]:
    """Each shared with two who wait, and one who accepted; all have contacts."""
    found = [image, fake.image(producer.project, name="noble")]
    for one in found:
        for number in range(3):
            fake.member(one, f"{number:032x}", "accepted" if number == 2 else "pending")
    for number in range(3):
        has_contact(producer, f"{number:032x}", f"c{number}@orchard.test")
    return found


def test_reminds_all_who_wait_of_every_image(producer: Party, two_images: list[str]) -> None:
    page = said(producer.client.get(LEDGER))
    assert "4 shares of this list wait for an answer" in page
    answer = producer.client.post(EVERYWHERE, follow=True)
    assert "4 reminded." in said(answer)
    assert sorted(sent()) == ["c0@orchard.test"] * 2 + ["c1@orchard.test"] * 2
    again = producer.client.post(EVERYWHERE, follow=True)
    assert "0 reminded, 4 too soon." in said(again)
    assert len(sent()) == 4


def test_reminds_only_those_whom_the_filters_find(producer: Party, two_images: list[str]) -> None:
    form = {"image": two_images[1], "q": f"{1:032x}", "sort": "-shared"}
    page = source(producer.client.get(LEDGER, form))
    assert f'<input type="hidden" name="image" value="{two_images[1]}">' in page
    answer = producer.client.post(EVERYWHERE, form)
    assert f"image={two_images[1]}" in answer["Location"]
    assert OutgoingMail.objects.get().image_id == two_images[1]
    assert sent() == ["c1@orchard.test"]


def test_who_accepted_is_never_among_them(producer: Party, two_images: list[str]) -> None:
    page = said(producer.client.get(LEDGER, {"status": "accepted"}))
    assert "Remind all who wait" not in page
    producer.client.post(EVERYWHERE, {"q": f"{2:032x}"})
    assert sent() == []


def test_so_many_in_one_go_and_the_rest_in_the_next(
    producer: Party, two_images: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "MOST_AT_ONCE", 3)
    answer = producer.client.post(EVERYWHERE, follow=True)
    assert "3 reminded." in said(answer)
    assert "some are left" in said(answer)
    producer.client.post(EVERYWHERE)
    assert len(sent()) == 4


@pytest.mark.parametrize("query", [{"q": "\0"}, {"hint": "x" * 5000}, {"image": "../.."}])
def test_an_address_that_makes_no_sense_finds_nobody_or_all(
    producer: Party, two_images: list[str], query: dict[str, str]
) -> None:
    assert producer.client.post(EVERYWHERE, query).status_code == 302


def test_nobody_of_others_is_reminded(
    stranger: Party, consumer: Party, two_images: list[str]
) -> None:
    for party in (stranger, consumer):
        assert "Nobody waits" in said(party.client.post(EVERYWHERE, follow=True))
    assert sent() == []


@pytest.mark.parametrize("weather", [{"refused": True}, {"status": 500}, {"html": True}])
def test_where_not_all_can_be_asked_for_nobody_is_reminded(
    fake: FakeCloud, producer: Party, two_images: list[str], weather: Weather
) -> None:
    fake.fail("GET", f"/v2/images/{two_images[0]}/members", times=None, **weather)
    assert producer.client.post(EVERYWHERE).status_code == 503
    assert sent() == []
