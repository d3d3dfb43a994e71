"""The mail that tells a person once a day what happened."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.management import call_command
from django.test import Client
from django_tasks_db.models import DBTaskResult

from sharing import schedule
from sharing.models import DigestItem, MailAddress, OutgoingMail, Subscription
from sharing.services import digests
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.postbox import work
from tests.preferences import AT_ONCE, PAGE, a_subscription, share, user_id, written

pytestmark = pytest.mark.django_db
CHEN = "chen@orchard.test"
NOON = datetime(2030, 5, 6, 12, tzinfo=UTC)
DAILY = dict.fromkeys(Subscription.KINDS, "daily")


@pytest.fixture
def daily(consumer: Party, fake: FakeCloud) -> Subscription:
    return a_subscription(consumer.project.id, user_id=user_id(fake, consumer), **DAILY)


def share_at(moment: datetime, producer: Party, consumer: Party, fake: FakeCloud, name: str) -> str:
    image = fake.image(producer.project, name=name)
    share(producer, image, consumer)
    DigestItem.objects.filter(image_id=image).update(created_at=moment)
    return image


def send_at(moment: datetime) -> int:
    with time_machine.travel(moment, tick=False):
        return digests.send()


def test_it_collects_and_writes_one_mail_at_the_hour(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    first = share_at(NOON, producer, consumer, fake, "debian")
    second = share_at(NOON + timedelta(hours=1), producer, consumer, fake, "noble")
    assert written() == []
    assert send_at(NOON + timedelta(hours=17, minutes=59)) == 0
    assert send_at(NOON + timedelta(hours=18)) == 1
    mail = OutgoingMail.objects.get(kind="digest")
    assert mail.to == CHEN
    assert mail.subject == "2 things happened with the images of orchard"
    for words in (mail.text, mail.html):
        assert words.index("debian") < words.index("noble")
        assert first in words
        assert second in words
        assert "Shared by acme-images" in words
        assert daily.addresses.get().token in words
    assert not DigestItem.objects.exists()


def test_twice_and_at_once_it_is_one_mail(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    share_at(NOON, producer, consumer, fake, "debian")
    due = NOON + timedelta(hours=18)
    assert [send_at(due), send_at(due), send_at(due + timedelta(hours=1))] == [1, 0, 0]
    share_at(due + timedelta(minutes=5), producer, consumer, fake, "noble")
    assert send_at(due + timedelta(hours=5)) == 0  # tomorrow's
    assert send_at(due + timedelta(days=1)) == 1
    assert len(written("digest")) == 2


def test_of_two_who_read_the_same_state_one_writes(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    share_at(NOON, producer, consumer, fake, "debian")
    due = NOON + timedelta(hours=18)
    with time_machine.travel(due, tick=False):
        stale = Subscription.objects.get()
        assert digests.send_to(stale, digests.last_due())
        late = DigestItem.objects.create(subscription=stale, kind="shared", path="/inbox/")
        DigestItem.objects.filter(pk=late.pk).update(created_at=NOON)
        assert not digests.send_to(stale, digests.last_due())
    assert len(written("digest")) == 1
    assert DigestItem.objects.count() == 1  # tomorrow's


def test_a_worker_that_was_off_writes_one_mail_for_all_days(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    for day in range(3):
        share_at(NOON + timedelta(days=day), producer, consumer, fake, f"image-{day}")
    assert send_at(NOON + timedelta(days=4)) == 1
    assert "3 things" in OutgoingMail.objects.get(kind="digest").subject


def test_nothing_happened_nothing_is_written(daily: Subscription) -> None:
    assert send_at(NOON) == 0


def test_each_kind_is_told_in_words(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    image = share_at(NOON, producer, consumer, fake, "debian")
    producer.client.post(f"/producer/images/{image}/members/{consumer.project.id}/remove/")
    DigestItem.objects.update(created_at=NOON)
    send_at(NOON + timedelta(days=1))
    text = OutgoingMail.objects.get(kind="digest").text
    assert "Shared by acme-images" in text
    assert "No longer shared by acme-images" in text


def test_what_is_not_wanted_any_more_is_left_out(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    share_at(NOON, producer, consumer, fake, "debian")
    form = AT_ONCE | {"email": CHEN, "shared": "never"}
    assert consumer.client.post(PAGE, form).status_code == 302
    assert not DigestItem.objects.exists()


def test_stopped_by_its_link_nothing_is_left_to_tell(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    share_at(NOON, producer, consumer, fake, "debian")
    Client().post(f"/unsubscribe/{MailAddress.objects.get().token}/")
    assert send_at(NOON + timedelta(days=1)) == 0
    assert not DigestItem.objects.exists()


def test_the_command_says_how_many(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    share_at(NOON, producer, consumer, fake, "debian")
    said = StringIO()
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        call_command("send_digests", stdout=said)
        call_command("send_digests", stdout=said)
    assert said.getvalue() == "1 digests written\n0 digests written\n"


def test_the_worker_comes_by_itself_and_hands_it_over(
    producer: Party, consumer: Party, fake: FakeCloud, daily: Subscription
) -> None:
    share_at(NOON, producer, consumer, fake, "debian")
    DBTaskResult.objects.all().delete()
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        schedule.send_digests.call()
        work()
    [message] = [one for one in django_mail.outbox if one.to == [CHEN]]
    assert "List-Unsubscribe" in message.extra_headers
    waiting = DBTaskResult.objects.filter(task_path="sharing.schedule.send_digests")
    assert waiting.filter(status="READY").count() == 1


def test_the_old_addresses_are_forgotten_by_command() -> None:
    said = StringIO()
    call_command("forget_old_addresses", stdout=said)
    assert said.getvalue() == "0 addresses forgotten\n"
