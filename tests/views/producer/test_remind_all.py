from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from sharing.cloud.resources import MemberStatus
from sharing.models import Share
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
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
