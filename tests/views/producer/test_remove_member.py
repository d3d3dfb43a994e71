from __future__ import annotations

import pytest
from django.urls import reverse

from sharing.models import HistoryEntry, Listing, OutgoingMail, Share
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import said, source


@pytest.fixture
def url(image: str, consumer: Party) -> str:
    return reverse("member-remove", args=[image, consumer.project.id])


def share(producer: Party, consumer: Party, image: str) -> None:
    form = {"project_id": consumer.project.id, "email": "chen@orchard.test"}
    producer.client.post(reverse("members", args=[image]), form)


def test_asks_first_and_says_what_breaks(
    fake: FakeCloud, producer: Party, consumer: Party, image_page: str, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    answer = producer.client.get(image_page)
    assert "Servers that run keep running." in said(answer)
    assert f'<form class="confirm-box" method="post" action="{url}"' in source(answer)


def test_removes_and_tells_the_consumer(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    answer = producer.client.post(url)
    assert answer.status_code == 302
    assert fake.member_status(image, consumer.project) is None
    assert OutgoingMail.objects.latest("pk").kind == "removed"
    assert Share.objects.get().removed_at is not None
    assert HistoryEntry.objects.latest("pk").verb == "member_removed"
    page = producer.client.get(answer["Location"])
    assert "is no longer a member" in said(page)
    assert f'data-project="{consumer.project.id}"' not in source(page)


def test_removes_a_member_that_has_two_rows(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    fake.member(image, consumer.project)
    producer.client.post(url)
    assert fake.member_status(image, consumer.project) is None


def test_nobody_is_written_to_of_a_share_of_another_tool(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    assert producer.client.post(url).status_code == 302
    assert not OutgoingMail.objects.exists()


def test_the_second_to_remove_is_told_who_was_first(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    share(producer, consumer, image)
    producer.client.post(url)
    answer = producer.client.post(url)
    assert answer.status_code == 409
    assert producer.name in said(answer)
    assert "<time" in source(answer).partition("<main")[2]
    assert OutgoingMail.objects.filter(kind="removed").count() == 1


def test_what_never_was_a_member_is_not_there(producer: Party, url: str) -> None:
    assert producer.client.post(url).status_code == 404


@pytest.mark.parametrize("name", ["..", "%00", "%2e%2e", "a%2fb", "%F0%9F%8D%8E", "'"])
def test_nonsense_is_not_there(producer: Party, image_page: str, name: str) -> None:
    assert producer.client.post(f"{image_page}members/{name}/remove/").status_code == 404


def test_a_private_image_says_that_it_must_be_shared_first(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    fake.change_image(image, visibility="private")
    answer = producer.client.post(url)
    assert answer.status_code == 422
    assert "visibility is “private”" in said(answer)
    assert not HistoryEntry.objects.exists()


def test_who_may_not_is_told_so(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    fake.fail("DELETE", "*", status=403)
    answer = producer.client.post(url)
    assert answer.status_code == 422
    assert "does not allow you" in said(answer)
    assert fake.member_status(image, consumer.project) == "pending"


def test_an_image_that_went_meanwhile_leads_to_its_listing(
    fake: FakeCloud, producer: Party, consumer: Party, listing: Listing, url: str
) -> None:
    fake.member(listing.image_id, consumer.project)
    fake.after(
        "DELETE",
        f"/v2/images/{listing.image_id}/members/*",
        lambda: fake.delete_image(listing.image_id),
    )
    assert producer.client.post(url).status_code == 302
    assert "The image is gone" in said(
        producer.client.get(reverse("producer-image", args=[listing.image_id]))
    )


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"html": True}])
def test_bad_weather_removes_nothing_here(
    fake: FakeCloud,
    producer: Party,
    consumer: Party,
    image: str,
    url: str,
    weather: Weather,
) -> None:
    share(producer, consumer, image)
    fake.fail("DELETE", "*", **weather)
    assert producer.client.post(url).status_code == 503
    assert Share.objects.get().removed_at is None
    assert not OutgoingMail.objects.filter(kind="removed").exists()


def test_who_has_a_contact_is_told_of_a_share_of_another_tool(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    fake.member(image, consumer.project)
    contact = reverse("member-contact", args=[image, consumer.project.id])
    producer.client.post(contact, {"email": "chen@orchard.test"})
    producer.client.post(url)
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.to) == ("removed", "chen@orchard.test")


def test_the_second_to_remove_is_shown_the_way_back(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, image_page: str, url: str
) -> None:
    share(producer, consumer, image)
    producer.client.post(url)
    answer = producer.client.post(url, headers={"Referer": f"http://testserver{image_page}"})
    assert f'href="{image_page}"' in source(answer).partition("<main")[2]
    assert "See how things stand" in said(answer)
