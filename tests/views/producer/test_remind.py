from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from sharing.cloud.resources import MemberStatus
from sharing.models import HistoryEntry, OutgoingMail, Recipient, Share
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import element, said
from tests.views.producer.waiting import everyone, has_contact, sent, waiting

__all__ = ["everyone", "waiting"]


@pytest.fixture
def url(image: str, consumer: Party) -> str:
    return reverse("member-remind", args=[image, consumer.project.id])


def row(producer: Party, image_page: str, consumer: Party) -> str:
    answer = producer.client.get(image_page)
    return element(answer, "tr", f'data-project="{consumer.project.id}"')


def test_writes_to_who_has_not_answered(
    producer: Party, image: str, image_page: str, url: str, waiting: None
) -> None:
    answer = producer.client.post(url)
    assert answer.status_code == 302
    assert "A reminder to chen@orchard.test is on its way." in said(
        producer.client.get(answer["Location"])
    )
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to, mail.image_id) == ("reminder", "chen@orchard.test", image)
    assert f"openstack image set --accept {image}" in mail.text
    entry = HistoryEntry.objects.latest("pk")
    assert (entry.verb, entry.by_name) == ("reminded", producer.name)
    assert entry.request_id.startswith("req-")


def test_the_page_shows_the_last_reminder(
    producer: Party, consumer: Party, image_page: str, url: str, waiting: None
) -> None:
    assert "reminded" not in row(producer, image_page, consumer)
    producer.client.post(url)
    shown = row(producer, image_page, consumer)
    assert "reminded just now" in shown
    assert "never answered" in shown
    assert "not again before" in shown
    assert "Send a reminder" not in shown


@pytest.mark.parametrize(
    ("ago", "status", "mails"),
    [({"days": 6, "hours": 23}, 422, 1), ({"days": 7, "minutes": 1}, 302, 2)],
)
def test_a_second_one_comes_seven_days_later_at_the_earliest(
    producer: Party, url: str, waiting: None, ago: dict[str, int], status: int, mails: int
) -> None:
    producer.client.post(url)
    Share.objects.update(reminded_at=timezone.now() - timedelta(**ago))
    answer = producer.client.post(url)
    assert (answer.status_code, len(sent())) == (status, mails)
    assert ("not again before" in said(answer)) == (status == 422)


def test_three_are_the_most(producer: Party, url: str, waiting: None) -> None:
    producer.client.post(url)
    Share.objects.update(reminders=3, reminded_at=timezone.now() - timedelta(days=90))
    answer = producer.client.post(url)
    assert answer.status_code == 422
    assert "that is the most" in said(answer)
    assert len(sent()) == 1


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 302)])
def test_the_operator_says_how_many(
    producer: Party, url: str, waiting: None, settings: Settings, limit: int, status: int
) -> None:
    settings.REMINDER_LIMIT = limit
    assert producer.client.post(url).status_code == status


@pytest.mark.parametrize("status", ["accepted", "rejected"])
def test_who_answered_is_not_reminded(
    fake: FakeCloud,
    producer: Party,
    consumer: Party,
    image: str,
    url: str,
    status: MemberStatus,
) -> None:
    fake.member(image, consumer.project, status)
    has_contact(producer, consumer.project.id)
    answer = producer.client.post(url)
    assert answer.status_code == 422
    assert status in said(answer).lower()
    assert sent() == []


def test_who_rejected_elsewhere_since_the_page_was_loaded_is_not_reminded(
    producer: Party, consumer: Party, image: str, image_page: str, url: str, waiting: None
) -> None:
    assert "Send a reminder" in row(producer, image_page, consumer)
    consumer.client.post(reverse("share-status", args=[image]), {"status": "rejected"})
    assert producer.client.post(url).status_code == 422
    assert sent() == []


def test_who_put_it_back_may_be_reminded(
    producer: Party, consumer: Party, image: str, image_page: str, url: str, waiting: None
) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        for status in ("accepted", "pending"):
            consumer.client.post(reverse("share-status", args=[image]), {"status": status})
        assert "put back to pending" in row(producer, image_page, consumer)
        assert producer.client.post(url).status_code == 302
    assert sent() == ["chen@orchard.test"]


def test_without_a_contact_nobody_can_be_reminded(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    answer = producer.client.post(url)
    assert answer.status_code == 422
    assert "add a contact first" in said(answer)


def test_who_stopped_the_mails_is_left_in_peace(producer: Party, url: str, waiting: None) -> None:
    Recipient.objects.create(
        producer_project_id=producer.project.id,
        email="chen@orchard.test",
        unsubscribed_at=timezone.now(),
    )
    answer = producer.client.post(url)
    assert answer.status_code == 422
    assert "stopped your mails" in said(answer)
    assert not OutgoingMail.objects.exists()


def test_shared_anew_the_count_begins_again(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str, waiting: None
) -> None:
    producer.client.post(url)
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    producer.client.post(reverse("members", args=[image]), {"project_id": consumer.project.id})
    assert producer.client.post(url).status_code == 302
    assert len(sent()) == 2


def test_of_two_at_once_one_writes(producer: Party, url: str, waiting: None) -> None:
    """The other one is quicker: just before the count is written down, it is another already."""
    seen: list[str] = []

    def race(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and "reminded_at" in sql and not seen:
            seen.append(sql)
            Share.objects.update(reminders=1, reminded_at=timezone.now())
        return execute(sql, *rest)

    with connection.execute_wrapper(race):
        answer = producer.client.post(url)
    assert seen
    assert answer.status_code == 422
    assert "not again before" in said(answer)
    assert sent() == []


def test_thirty_days_of_silence_hint_at_a_wrong_project(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, image_page: str
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        fake.member(image, consumer.project)
    assert "is the project ID right?" in row(producer, image_page, consumer)


def test_before_that_it_is_only_said_that_nobody_answered(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, image_page: str
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=29)):
        fake.member(image, consumer.project)
    shown = row(producer, image_page, consumer)
    assert "is the project ID right?" not in shown
    assert "never answered" in shown


def test_who_put_it_back_long_ago_has_the_right_project(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, image_page: str
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=50)):
        fake.member(image, consumer.project)
    for one in fake.glance.images.images[image].rows:
        one.updated_at += timedelta(days=5)
    shown = row(producer, image_page, consumer)
    assert "put back to pending" in shown
    assert "is the project ID right?" not in shown


def test_what_is_not_yours_is_not_there(
    stranger: Party, consumer: Party, url: str, everyone: str, waiting: None
) -> None:
    for party in (stranger, consumer):
        assert party.client.post(url).status_code == 404
        assert party.client.post(everyone).status_code == 404
    assert sent() == []


@pytest.mark.parametrize("name", ["..", "nonsense", "F" * 32, "%00", "x" * 300])
def test_who_is_no_project_cannot_be_reminded(
    fake: FakeCloud, producer: Party, image_page: str, name: str
) -> None:
    assert producer.client.post(f"{image_page}members/{name}/remind/").status_code == 404


def test_who_was_never_a_member_is_not_there(producer: Party, url: str) -> None:
    assert producer.client.post(url).status_code == 404


def test_who_was_removed_meanwhile_is_said_to_be(
    producer: Party, consumer: Party, image: str, url: str, waiting: None
) -> None:
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    answer = producer.client.post(url)
    assert answer.status_code == 409
    assert producer.name in said(answer)


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
def test_bad_weather_reminds_nobody(
    fake: FakeCloud,
    producer: Party,
    url: str,
    everyone: str,
    waiting: None,
    weather: Weather,
) -> None:
    fake.fail("GET", "*members*", times=None, **weather)
    assert producer.client.post(url).status_code == 503
    assert producer.client.post(everyone).status_code == 503
    assert sent() == []
