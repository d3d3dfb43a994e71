from __future__ import annotations

import uuid

import pytest
from django.urls import reverse

from sharing.models import Contact, HistoryEntry, Listing, OutgoingMail, Recipient, Share
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import element, said, source

FORM = {"email": "chen@orchard.test", "note": "For the spring course."}


@pytest.fixture
def url(image: str) -> str:
    return reverse("members", args=[image])


def nothing_was_written() -> bool:
    return not (Share.objects.exists() or OutgoingMail.objects.exists())


def test_shares_and_says_so(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("producer-image", args=[image])
    assert fake.member_status(image, consumer.project) == "pending"
    page = said(producer.client.get(answer["Location"]))
    assert f"Shared with {consumer.project.id}. A mail to chen@orchard.test is on its way." in page


def test_keeps_contact_note_history_and_mail(
    producer: Party, consumer: Party, image: str, url: str
) -> None:
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    share = Share.objects.get(image_id=image, project_id=consumer.project.id)
    assert (share.note, share.shared_by_name) == (FORM["note"], producer.name)
    assert Contact.objects.get().email == FORM["email"]
    entry = HistoryEntry.objects.get(verb="member_added")
    assert (entry.verb, entry.request_id) == ("member_added", answer["X-Openstack-Request-Id"])
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to) == ("shared", FORM["email"])
    assert image in mail.text
    assert FORM["note"] in mail.text


def test_without_an_address_nobody_is_written_to(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    answer = producer.client.post(url, {"project_id": consumer.project.id})
    assert "No mail was sent" in said(producer.client.get(answer["Location"]))
    assert fake.member_status(image, consumer.project) == "pending"
    assert not OutgoingMail.objects.exists()


def test_says_that_the_receiver_has_stopped_the_mails(
    producer: Party, consumer: Party, url: str
) -> None:
    Recipient.objects.create(
        producer_project_id=producer.project.id,
        email=FORM["email"],
        unsubscribed_at="2025-01-01T00:00Z",
    )
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    assert "has stopped your mails" in said(producer.client.get(answer["Location"]))


@pytest.mark.parametrize(
    "shape", [str.upper, lambda project_id: str(uuid.UUID(project_id)), " {} ".format]
)
def test_takes_a_project_id_in_every_shape(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str, shape: object
) -> None:
    assert callable(shape)
    producer.client.post(url, {"project_id": shape(consumer.project.id)})
    assert fake.member_status(image, consumer.project) == "pending"


@pytest.mark.parametrize(
    "project_id",
    ["", " ", "orchard", "a" * 31, "a" * 33, "g" * 32, "../" + "a" * 29, "\x00" * 32, "a" * 999],
)
def test_what_is_no_project_id_is_never_sent(
    fake: FakeCloud, producer: Party, url: str, project_id: str
) -> None:
    answer = producer.client.post(url, FORM | {"project_id": project_id})
    assert answer.status_code == 422
    assert "Project ID" in element(answer, "div", "data-errors")
    assert not [call for call in fake.calls if call.startswith("POST /v2")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "chen"), ("email", "a@b.test\nBcc: x@y.test"), ("note", "x" * 2001)],
)
def test_a_mistake_keeps_what_was_typed(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str, field: str, value: str
) -> None:
    form = FORM | {"project_id": consumer.project.id, field: value}
    answer = producer.client.post(url, form)
    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in source(answer)
    assert consumer.project.id in source(answer)
    assert fake.member_status(image, consumer.project) is None


def test_a_note_may_be_as_long_as_it_says(producer: Party, consumer: Party, url: str) -> None:
    """A browser sends two characters for each line break that it counts as one."""
    note = "\r\n".join(["x" * 9] * 200)
    form = {"project_id": consumer.project.id, "note": note}
    assert producer.client.post(url, form).status_code == 302
    assert len(Share.objects.get().note) == 1999


def test_the_images_own_project_is_refused(fake: FakeCloud, producer: Party, url: str) -> None:
    answer = producer.client.post(url, {"project_id": producer.project.id})
    assert answer.status_code == 422
    assert "own project" in element(answer, "div", "data-errors")
    assert not [call for call in fake.calls if call.startswith("POST /v2")]


@pytest.mark.parametrize("is_at_quota", [False, True])
def test_a_member_already_is_said_to_be_one(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str, is_at_quota: bool
) -> None:
    """At the quota the API says of a duplicate that there are too many (trap 9)."""
    fake.member(image, consumer.project, "rejected")
    if is_at_quota:
        fake.glance.images.quota = 1
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    assert answer.status_code == 422
    assert "already a member of the image: rejected" in element(answer, "div", "data-errors")
    assert nothing_was_written()


def test_at_the_quota_it_says_so(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.glance.images.quota = 1
    fake.member(image, "a" * 32)
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    assert answer.status_code == 422
    assert "as many members as this cloud allows" in said(answer)
    assert nothing_was_written()


def test_an_image_that_is_not_shared_is_said_to_be_so(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.change_image(image, visibility="private")
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    assert answer.status_code == 422
    assert "visibility is “private”" in element(answer, "div", "data-errors")
    assert FORM["note"] in source(answer)


def test_a_reader_is_told_that_the_cloud_does_not_allow_it(
    fake: FakeCloud, producer: Party, consumer: Party, url: str
) -> None:
    fake.user("rita", PASSWORD, projects=[producer.project], roles=["reader"])
    form = {"method": "password", "username": "rita", "password": PASSWORD, "domain": "Default"}
    producer.client.post(reverse("sign-in"), form)
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    assert answer.status_code == 422
    assert "does not allow you" in said(answer)
    assert nothing_was_written()


def test_an_image_that_went_meanwhile_leads_to_its_listing(
    fake: FakeCloud, producer: Party, consumer: Party, listing: Listing, url: str
) -> None:
    seen = f"/v2/images/{listing.image_id}"
    fake.after("GET", seen, lambda: fake.delete_image(listing.image_id))
    answer = producer.client.post(url, {"project_id": consumer.project.id})
    assert "The image is gone" in said(answer)


def test_htmx_gets_the_members_and_what_was_done(
    producer: Party, consumer: Party, url: str
) -> None:
    headers = {"HX-Request": "true", "HX-Target": "members"}
    form = FORM | {"project_id": consumer.project.id}
    answer = producer.client.post(url, form, headers=headers, follow=True)
    page = source(answer)
    assert page.strip().startswith('<section id="members"')
    assert 'hx-swap-oob="true"' in page
    assert "is on its way" in page
    assert f'data-project="{consumer.project.id}"' in page


def test_htmx_gets_the_mistakes_too(producer: Party, url: str) -> None:
    headers = {"HX-Request": "true", "HX-Target": "members"}
    answer = producer.client.post(url, {"project_id": "nonsense"}, headers=headers)
    assert answer.status_code == 422
    assert source(answer).strip().startswith('<section id="members"')
    assert "This is not a project ID" in source(answer)


@pytest.mark.parametrize(
    "weather",
    [{"refused": True}, {"slow": True}, {"html": True}, {"status": 500}, {"status": 503}],
)
def test_bad_weather_loses_nothing_that_was_typed(
    fake: FakeCloud,
    producer: Party,
    consumer: Party,
    image_page: str,
    url: str,
    weather: Weather,
) -> None:
    fake.fail("POST", f"/v2{url.removeprefix('/producer')[:-1]}", **weather)
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    assert answer.status_code == 503
    assert nothing_was_written()
    page = source(producer.client.get(image_page))
    assert FORM["note"] in page
    assert f'value="{consumer.project.id}"' in page


def test_an_expired_session_keeps_what_was_typed(
    fake: FakeCloud, producer: Party, consumer: Party, image_page: str, url: str
) -> None:
    fake.expire_all()
    answer = producer.client.post(url, FORM | {"project_id": consumer.project.id})
    assert answer["Location"].startswith(reverse("sign-in"))
    form = {"method": "password", "username": producer.name, "password": PASSWORD}
    producer.client.post(reverse("sign-in"), form | {"domain": "Default"})
    page = source(producer.client.get(image_page))
    assert FORM["note"] in page
    assert "data-errors" not in page
