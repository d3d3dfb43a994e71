from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sharing.models import Listing, OutgoingMail
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import said, source


@pytest.fixture
def url(image: str, consumer: Party) -> str:
    return reverse("producer-share", args=[image, consumer.project.id])


def share(producer: Party, consumer: Party, image: str, **form: str) -> None:
    form = {"project_id": consumer.project.id, "email": "chen@orchard.test", **form}
    assert producer.client.post(reverse("members", args=[image]), form).status_code == 302


def test_has_the_request_the_membership_the_mails_and_the_history(
    producer: Party, consumer: Party, listing: Listing, ask: Ask, url: str
) -> None:
    asked = ask(message="For our build farm.")
    decision = reverse("decision", args=[asked.pk])
    producer.client.post(decision, {"decision": "approve"})
    producer.client.post(f"{url}remind/")
    page = producer.client.get(url)
    assert page.status_code == 200
    for fact in ("For our build farm.", "Approved", "chen@orchard.test", "never answered"):
        assert fact in said(page)
    for fact in ("Shared with you", "Reminder", "Request approved", "Reminded", producer.name):
        assert fact in said(page)
    marks = f'data-image="{listing.image_id}" data-project="{consumer.project.id}"'
    assert f'{marks} data-status="pending"' in source(page)
    assert f'data-request="{asked.pk}"' in source(page)


def test_keeps_the_receivers_links_to_the_receiver(
    producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    token = OutgoingMail.objects.get().unsubscribe_url.rstrip("/").rpartition("/")[2]
    assert token
    assert token not in source(producer.client.get(url))


def test_a_share_of_another_tool_has_a_page_too(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project, "accepted")
    page = producer.client.get(url)
    assert 'data-status="accepted"' in source(page)
    assert "shared outside the portal" in said(page)
    assert "Nobody asked for it" in said(page)


def test_what_was_removed_stays_to_be_read(
    producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    page = producer.client.get(url)
    assert 'data-status="removed"' in source(page)
    assert "not a member of the image now" in said(page)
    assert "Share removed" in said(page)
    assert "Save the date" not in said(page)


def test_while_the_image_is_private_it_says_so(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    fake.change_image(image, visibility="private")
    assert "The image is not shared now" in said(producer.client.get(url))


def test_hints_at_a_wrong_project_after_30_days(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        fake.member(image, consumer.project)
    assert "Perhaps there is no such project" in said(producer.client.get(url))


def test_is_found_from_the_image_and_from_the_ledger(
    fake: FakeCloud, producer: Party, consumer: Party, image_page: str, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    for page in (image_page, reverse("shares")):
        assert f'href="{url}"' in source(producer.client.get(page))


def test_what_is_not_yours_or_never_was_is_not_there(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, image: str, url: str
) -> None:
    assert producer.client.get(url).status_code == 404
    fake.member(image, consumer.project)
    for party in (consumer, stranger):
        assert party.client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["nonsense", "%00", "..", "F" * 32, "x" * 300])
def test_nonsense_is_not_there(producer: Party, image_page: str, name: str) -> None:
    assert producer.client.get(f"{image_page}members/{name}/").status_code == 404


def test_an_image_that_is_gone_leads_to_its_listing(
    fake: FakeCloud, producer: Party, consumer: Party, listing: Listing
) -> None:
    fake.delete_image(listing.image_id)
    url = reverse("producer-share", args=[listing.image_id, consumer.project.id])
    assert "The image is gone" in said(producer.client.get(url))


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
def test_bad_weather(
    fake: FakeCloud,
    producer: Party,
    consumer: Party,
    image: str,
    url: str,
    weather: Weather,
) -> None:
    share(producer, consumer, image)
    fake.fail("GET", "*/members/*", times=None, **weather)
    assert producer.client.get(url).status_code == 503


# Its forms lead back to it


def from_here(url: str) -> dict[str, str]:
    return {"Referer": f"http://testserver{url}"}


def test_the_contact_is_saved_and_the_page_comes_back(
    producer: Party, consumer: Party, image: str, image_page: str, url: str
) -> None:
    share(producer, consumer, image)
    contact = f"{url}contact/"
    form = {"email": "dana@orchard.test"}
    assert producer.client.post(contact, form, headers=from_here(url))["Location"] == url
    assert (
        producer.client.post(contact, form, headers=from_here(image_page))["Location"] == image_page
    )
    assert producer.client.post(contact, form)["Location"] == image_page


def test_a_contact_with_a_mistake_is_said_here(
    producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    answer = producer.client.post(f"{url}contact/", {"email": "nobody"}, headers=from_here(url))
    assert answer.status_code == 422
    assert "Membership" in said(answer)
    assert 'value="nobody"' in source(answer)


def test_removing_comes_back_to_what_stays(
    producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    answer = producer.client.post(f"{url}remove/", headers=from_here(url))
    assert answer["Location"] == url
    assert "Share removed" in said(producer.client.get(url))


def test_a_refusal_is_said_here(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    fake.fail("DELETE", "*", status=403)
    answer = producer.client.post(f"{url}remove/", headers=from_here(url))
    assert answer.status_code == 422
    assert "does not allow you" in said(answer)
    assert "Membership" in said(answer)
    producer.client.post(f"{url}remind/")
    answer = producer.client.post(f"{url}remind/", headers=from_here(url))
    assert answer.status_code == 422
    assert "Membership" in said(answer)


def test_a_contact_typed_before_the_sign_in_is_here_again(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    fake.expire_all()
    form = {"email": "dana@orchard.test"}
    answer = producer.client.post(f"{url}contact/", form, headers=from_here(url))
    assert f"next={url.replace('/', '%2F')}" in answer["Location"]
    sign_in = {"method": "password", "username": producer.name, "password": PASSWORD}
    producer.client.post("/sign-in/", sign_in | {"domain": "Default"})
    assert 'value="dana@orchard.test"' in source(producer.client.get(url))
