from __future__ import annotations

import pytest
from django.urls import reverse

from sharing.cloud.resources import MemberStatus
from sharing.models import Contact, HistoryEntry, OutgoingMail, Recipient
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.reading import element, said, source

NEW = {"email": "new@orchard.test"}


@pytest.fixture
def url(image: str, consumer: Party) -> str:
    return reverse("member-contact", args=[image, consumer.project.id])


def row(producer: Party, consumer: Party, image_page: str) -> str:
    answer = producer.client.get(image_page)
    return element(answer, "tr", f'data-project="{consumer.project.id}"')


def test_changes_the_contact(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, image_page: str, url: str
) -> None:
    fake.member(image, consumer.project)
    answer = producer.client.post(url, NEW)
    assert answer.status_code == 302
    assert "The contact is new@orchard.test now." in said(producer.client.get(image_page))
    assert "new@orchard.test" in row(producer, consumer, image_page)
    assert HistoryEntry.objects.get().verb == "contact_changed"
    assert not OutgoingMail.objects.exists()


def test_writes_to_the_new_one_when_asked_to(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, image_page: str, url: str
) -> None:
    fake.member(image, consumer.project)
    producer.client.post(url, NEW | {"notify": "on"})
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to) == ("shared", NEW["email"])
    assert "shared outside the portal" in row(producer, consumer, image_page)


@pytest.mark.parametrize(
    ("status", "is_offered"), [("pending", True), ("accepted", True), ("rejected", False)]
)
def test_offers_to_write_to_who_was_never_told(
    fake: FakeCloud,
    producer: Party,
    consumer: Party,
    image: str,
    image_page: str,
    status: MemberStatus,
    is_offered: bool,
) -> None:
    fake.member(image, consumer.project, status)
    assert ("Write to them now" in row(producer, consumer, image_page)) == is_offered


def test_who_accepted_and_was_told_need_not_be_told(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, image_page: str, url: str
) -> None:
    fake.member(image, consumer.project, "accepted")
    producer.client.post(url, NEW | {"notify": "on"})
    assert "Write to them now" not in row(producer, consumer, image_page)


def test_who_rejected_is_never_written_to(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project, "rejected")
    assert producer.client.post(url, NEW | {"notify": "on"}).status_code == 302
    assert Contact.objects.get().email == NEW["email"]
    assert not OutgoingMail.objects.exists()


def test_who_stopped_the_mails_gets_none_by_whatever_way(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    producer.client.post(url, {"email": "old@orchard.test", "notify": "on"})
    Recipient.objects.update(unsubscribed_at="2025-01-01T00:00Z")
    for email in (NEW["email"], "OLD@orchard.test", "old@orchard.test"):
        producer.client.post(url, {"email": email, "notify": "on"})
    states = OutgoingMail.objects.order_by("pk").values_list("to", "state")
    assert dict(states[1:]) == {
        NEW["email"]: "queued",
        "OLD@orchard.test": "suppressed",
        "old@orchard.test": "suppressed",
    }


def test_a_changed_contact_is_in_the_history(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    for email in ("old@orchard.test", "old@orchard.test", NEW["email"]):
        producer.client.post(url, {"email": email})
    changes = HistoryEntry.objects.filter(verb="contact_changed").order_by("pk")
    assert [change.detail for change in changes] == [
        "– → old@orchard.test",
        f"old@orchard.test → {NEW['email']}",
    ]


@pytest.mark.parametrize("email", ["", "nonsense", "a@b", "x@y.test\r\nBcc: z@y.test", "\x00"])
def test_nonsense_stays_in_the_open_form(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str, email: str
) -> None:
    fake.member(image, consumer.project)
    answer = producer.client.post(url, {"email": email})
    assert answer.status_code == 422
    assert '<details class="menu" open>' in source(answer)
    assert 'aria-invalid="true"' in source(answer)
    assert not Contact.objects.exists()


def test_who_is_no_member_has_no_contact(producer: Party, url: str) -> None:
    assert producer.client.post(url, NEW).status_code == 404
    assert producer.client.post(url, {"email": "nonsense"}).status_code == 404
    assert not Contact.objects.exists()


def test_what_is_no_project_has_no_contact(
    fake: FakeCloud, producer: Party, image: str, image_page: str
) -> None:
    fake.member(image, "orchard")
    url = reverse("member-contact", args=[image, "orchard"])
    assert url not in source(producer.client.get(image_page))
    assert producer.client.post(url, NEW).status_code == 404


def test_one_removed_meanwhile_is_told_of(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    answer = producer.client.post(url, NEW)
    assert answer.status_code == 409
    assert producer.name in said(answer)


def test_an_expired_session_keeps_what_was_typed(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, image_page: str, url: str
) -> None:
    fake.member(image, consumer.project)
    fake.expire_all()
    producer.client.post(url, NEW)
    form = {"method": "password", "username": producer.name, "password": PASSWORD}
    producer.client.post(reverse("sign-in"), form | {"domain": "Default"})
    assert 'value="new@orchard.test"' in source(producer.client.get(image_page))
