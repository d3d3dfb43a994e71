"""The address that a project registers for everything shared with it, and what producers see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sharing import mail
from sharing.models import (
    DigestItem,
    HistoryEntry,
    MailAddress,
    OutgoingMail,
    Recipient,
    Share,
)
from sharing.services import end_warnings
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.preferences import (
    CHEN,
    TEAM,
    a_subscription,
    an_address,
    open_link,
    register,
    share,
    written,
)
from tests.shares import a_record
from tests.visitor import page_of

pytestmark = pytest.mark.django_db


def pages_of_the_producer(producer: Party, image: str, project_id: str) -> str:
    paths = (
        f"/producer/images/{image}/",
        f"/producer/images/{image}/members/{project_id}/",
        f"/producer/images/{image}/delete/",
        "/producer/shares/",
        "/producer/shares.csv",
        "/producer/shares.json",
        "/producer/mail/",
        "/producer/history/",
        "/producer/",
    )
    answers = [producer.client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    return "\n".join(answer.getvalue().decode() for answer in answers)


def test_once_confirmed_it_is_told_though_there_is_no_contact(
    producer: Party, consumer: Party, image: str
) -> None:
    assert register(consumer) == 302
    share(producer, image, consumer)
    assert written() == []
    producer.client.post(f"/producer/images/{image}/members/{consumer.project.id}/remove/")
    open_link(TEAM)
    share(producer, image, consumer)
    assert written() == [TEAM]
    told = OutgoingMail.objects.get(kind="shared").text
    assert "registered this address for the project orchard" in told
    producer.client.post(f"/producer/images/{image}/members/{consumer.project.id}/remove/")
    assert written("removed") == [TEAM]


def test_it_is_told_besides_the_contact(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    share(producer, image, consumer, "contact@orchard.test")
    assert written() == ["contact@orchard.test", TEAM]


@pytest.mark.parametrize("contact", ["", TEAM, "Team@Orchard.test"])
def test_the_same_address_three_times_gets_one_mail(
    producer: Party, consumer: Party, image: str, team: MailAddress, contact: str
) -> None:
    a_subscription(consumer.project.id, "TEAM@orchard.test")
    a_subscription(consumer.project.id, TEAM, user_id="another", shared="daily")
    share(producer, image, consumer, contact)
    assert written() == [contact or TEAM]
    assert not Share.objects.get().request


def test_who_stopped_a_producer_hears_nothing_of_it_by_another_way(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    Recipient.objects.create(
        producer_project_id=producer.project.id, email=TEAM, unsubscribed_at=timezone.now()
    )
    share(producer, image, consumer)
    assert written() == []
    page = page_of(f"/producer/images/{image}/", producer.client)
    assert "has an address of its own" not in page


def test_a_new_contact_who_is_told_later_is_told_alone(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    share(producer, image, consumer)
    producer.client.post(
        f"/producer/images/{image}/members/{consumer.project.id}/contact/",
        {"email": CHEN, "notify": "on"},
    )
    assert written() == [TEAM, CHEN]


# What producers learn


def test_producers_read_that_there_is_one_and_nowhere_which(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    a_subscription(consumer.project.id)
    share(producer, image, consumer)
    producer.client.post(f"/producer/images/{image}/members/{consumer.project.id}/remind/")
    assert sorted(written() + written("reminder")) == [CHEN, CHEN, TEAM, TEAM]
    seen = pages_of_the_producer(producer, image, consumer.project.id)
    assert "has an address of its own" in seen
    assert TEAM not in seen
    assert CHEN not in seen
    for outgoing in OutgoingMail.objects.all():
        answer = producer.client.post(f"/producer/mail/{outgoing.pk}/retry/")
        assert answer.status_code == 404


def test_of_a_person_who_is_told_they_read_nothing(
    producer: Party, consumer: Party, image: str
) -> None:
    share(producer, image, consumer)
    path = f"/producer/images/{image}/"
    before = page_of(path, producer.client)
    a_subscription(consumer.project.id)
    after = page_of(path, producer.client)
    assert before.count("address of its own") == after.count("address of its own") == 0
    answer = producer.client.post(f"{path}members/{consumer.project.id}/remind/")
    assert answer.status_code == 422
    assert written("reminder") == []


def test_they_read_it_where_the_project_wants_that(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    assert register(consumer, TEAM, is_shown="on") == 302
    assert written("confirm_address") == []  # it is the same address
    share(producer, image, consumer)
    seen = pages_of_the_producer(producer, image, consumer.project.id)
    assert TEAM in seen
    assert "registered by the project itself" in seen


def test_shared_without_a_contact_the_producer_hears_that_they_are_told(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    form = {"project_id": consumer.project.id}
    answer = producer.client.post(f"/producer/images/{image}/members/", form, follow=True)
    assert "It is told at an address of its own." in answer.content.decode()


def test_it_can_be_reminded_though_there_is_no_contact(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    share(producer, image, consumer)
    url = f"/producer/images/{image}/members/{consumer.project.id}/remind/"
    answer = producer.client.post(url, follow=True)
    assert "A reminder to the project’s own address is on its way." in answer.content.decode()
    assert written("reminder") == [TEAM]
    assert HistoryEntry.objects.get(verb="reminded").detail == "the project’s own address"


def test_without_a_contact_does_not_find_it(
    producer: Party, consumer: Party, image: str, fake: FakeCloud
) -> None:
    fake.member(image, consumer.project)
    path = "/producer/shares/?hint=unreachable"
    assert f'data-project="{consumer.project.id}"' in page_of(path, producer.client)
    an_address(consumer.project.id)
    assert f'data-project="{consumer.project.id}"' not in page_of(path, producer.client)


def test_before_an_end_it_is_warned_and_the_producer_need_not_be(
    producer: Party, consumer: Party, image: str, team: MailAddress
) -> None:
    day = timezone.localdate() + timedelta(days=3)
    a_record(image, producer, consumer, ends_on=day)
    assert end_warnings.warn() == 1
    assert written("ends_soon") == [TEAM]
    assert HistoryEntry.objects.get(verb="end_warned").detail == str(day)


def test_a_deleted_image_is_told_of(
    producer: Party, consumer: Party, image: str, team: MailAddress, fake: FakeCloud
) -> None:
    fake.member(image, consumer.project)
    path = f"/producer/images/{image}/delete/"
    assert "has an address of its own" in page_of(path, producer.client)
    producer.client.post(path, {"confirm": "debian-12", "notify": "on"})
    assert written("image_deleted") == [TEAM]


def test_a_share_of_another_tool_is_kept_when_it_is_told_that_it_ended(
    producer: Party, consumer: Party, image: str, fake: FakeCloud
) -> None:
    a_subscription(consumer.project.id)
    fake.member(image, consumer.project)
    producer.client.post(f"/producer/images/{image}/members/{consumer.project.id}/remove/")
    assert written("removed") == [CHEN]
    link = f"/shares/{image}/?project={consumer.project.id}"
    assert consumer.client.get(link).status_code == 200


# Many at once


def letters(count: int) -> list[mail.Letter]:
    """For as many projects, each with a contact, a team's address and two people."""
    made = []
    for n in range(count):
        project_id = f"{n:032x}"
        an_address(project_id, f"team{n}@b.test")
        a_subscription(project_id, f"one{n}@b.test")
        a_subscription(project_id, f"two{n}@b.test", user_id="two", shared="daily")
        one = Share(
            image_id="3f9a1c1e-0000-4000-8000-000000000001",
            project_id=project_id,
            producer_project_id="f" * 32,
            shared_at=timezone.now(),
        )
        made.append(mail.Letter(one, f"contact{n}@b.test", ""))
    return made


@pytest.mark.parametrize("count", [1, 100])
def test_a_hundred_shares_read_no_more_often_than_one(count: int) -> None:
    many = letters(count)
    with CaptureQueriesContext(connection) as context:
        mail.shared_many(many)
    asked = [query["sql"] for query in context.captured_queries]
    # The addresses in use, who stopped the producer, the recipients, the listings; and how much
    # the producer caused in a day, in all and to each address.
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 6
    assert len(asked) <= 10 + count // 10  # a database takes only so many values in one go
    assert len(written()) == 3 * count
    assert DigestItem.objects.count() == count
