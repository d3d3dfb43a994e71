"""Nobody is flooded through the portal: what is over a limit waits, and is not lost."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from sharing import mail, tasks
from sharing.mail import Letter
from sharing.models import MailAddress, OutgoingMail, Recipient
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.postbox import work
from tests.shares import a_record
from tests.views.producer.reading import said

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CHEN = "chen@orchard.test"


@pytest.fixture(autouse=True)
def _limits(settings: Settings) -> Iterator[None]:
    settings.MAILS_PER_ADDRESS, settings.MAILS_PER_PROJECT = 2, 4
    with time_machine.travel(timezone.now(), tick=False):
        yield


def write(producer: Party, consumer: Party, *addresses: str) -> list[OutgoingMail]:
    """One mail to each address about an image of its own, in one go."""
    before = OutgoingMail.objects.count()
    mail.shared_many(
        [Letter(a_record(str(uuid.uuid4()), producer, consumer), to, "") for to in addresses]
    )
    return list(OutgoingMail.objects.order_by("pk")[before:])


def waits(mails: list[OutgoingMail]) -> list[timedelta]:
    return [one.next_attempt_at - timezone.now() for one in mails]


def sent() -> int:
    tasks.sweep_mail.call()
    work()
    return len(django_mail.outbox)


def test_over_the_limit_of_an_address_a_mail_waits(producer: Party, consumer: Party) -> None:
    written = write(producer, consumer, CHEN, CHEN.upper(), CHEN)
    assert waits(written) == [timedelta(0), timedelta(0), DAY]
    assert [one.held_by for one in written] == ["", "", "address"]


def test_over_the_limit_of_a_project_too(producer: Party, consumer: Party) -> None:
    written = write(producer, consumer, *(f"c{number}@orchard.test" for number in range(6)))
    assert waits(written) == [timedelta(0)] * 4 + [DAY, DAY]
    assert {one.held_by for one in written[4:]} == {"project"}


@pytest.mark.parametrize("in_one_go", [True, False])
def test_it_is_sent_when_there_is_room(producer: Party, consumer: Party, in_one_go: bool) -> None:
    if in_one_go:
        write(producer, consumer, *[CHEN] * 5)
    else:
        for _ in range(5):
            write(producer, consumer, CHEN)
    start = timezone.now()
    assert sent() == 2
    for days, number in ((0.9, 2), (1.01, 4), (1.9, 4), (2.01, 5)):
        with time_machine.travel(start + days * DAY, tick=False):
            assert sent() == number


def test_who_waits_for_an_address_takes_no_room_from_others(
    producer: Party, consumer: Party
) -> None:
    write(producer, consumer, *[CHEN] * 9)
    assert waits(write(producer, consumer, "dana@orchard.test")) == [timedelta(0)]


def test_no_producer_holds_up_another(producer: Party, stranger: Party, consumer: Party) -> None:
    write(producer, consumer, *[CHEN] * 9)
    assert waits(write(stranger, consumer, CHEN)) == [timedelta(0)]


def test_addresses_that_the_consumers_gave_are_spared_too(producer: Party, consumer: Party) -> None:
    """The project's own address counts, though no producer reads of its mails."""
    now = timezone.now()
    MailAddress.objects.create(
        project_id=consumer.project.id,
        email="team@orchard.test",
        confirmed_at=now,
        confirm_until=now,
    )
    write(producer, consumer, "", "", "")
    to_team = OutgoingMail.objects.filter(to="team@orchard.test")
    assert waits(list(to_team.order_by("pk"))) == [timedelta(0), timedelta(0), DAY]


def test_zero_is_no_limit(producer: Party, consumer: Party, settings: Settings) -> None:
    settings.MAILS_PER_ADDRESS = settings.MAILS_PER_PROJECT = 0
    assert set(waits(write(producer, consumer, *[CHEN] * 9))) == {timedelta(0)}


def test_the_usual_limits_hold_up_no_list_of_5000(
    producer: Party, consumer: Party, settings: Settings
) -> None:
    from portal import settings as usual

    settings.MAILS_PER_ADDRESS = usual.MAILS_PER_ADDRESS
    settings.MAILS_PER_PROJECT = usual.MAILS_PER_PROJECT
    project = producer.project.id
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            to=f"c{number}@orchard.test",
            counts_for=project,
            due_at=timezone.now(),
            next_attempt_at=timezone.now(),
        )
        for number in range(5000)
    )
    assert waits(write(producer, consumer, CHEN)) == [timedelta(0)]


def test_many_take_no_more_queries_than_one(
    producer: Party, consumer: Party, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    letters = [
        Letter(a_record(str(uuid.uuid4()), producer, consumer), f"c{number}@x.test", "")
        for number in range(40)
    ]
    with django_assert_num_queries(9):
        mail.shared_many(letters)


def test_who_stops_the_mails_gets_none_that_waits(producer: Party, consumer: Party) -> None:
    write(producer, consumer, *[CHEN] * 3)
    assert sent() == 2
    recipient = Recipient.objects.get(email=CHEN)
    Client().post(reverse("unsubscribe", args=[recipient.token]))
    with time_machine.travel(timezone.now() + 2 * DAY, tick=False):
        assert sent() == 2
    assert OutgoingMail.objects.filter(state="suppressed").count() == 1


def test_the_pages_say_so(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    write(producer, consumer, CHEN, CHEN)
    image = fake.image(producer.project)
    form = {"project_id": consumer.project.id, "email": CHEN, "note": ""}
    answer = producer.client.post(reverse("members", args=[image]), form)
    assert f"The mail to {CHEN} waits" in said(producer.client.get(answer["Location"]))
    page = said(producer.client.get(reverse("mail")))
    assert "1 mail is held back by a limit" in page
    assert "This address has had as many of your mails as it may get in a day" in page
    share = reverse("producer-share", args=[image, consumer.project.id])
    assert "held back" in said(producer.client.get(share))


def test_a_mail_is_sent_again_five_times_an_hour_at_most(producer: Party, consumer: Party) -> None:
    [one] = write(producer, consumer, CHEN)
    again = reverse("mail-retry", args=[one.pk])
    answers = []
    for _ in range(6):
        OutgoingMail.objects.update(state="failed")
        answers.append(producer.client.post(again).status_code)
    assert answers == [302] * 5 + [429]
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        assert producer.client.post(again).status_code == 302
