"""The cloud fetches an image from an address; the portal itself never does."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from sharing.models import HistoryEntry
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.data import end_fetch
from tests.fake.records import FakeImage
from tests.fake.weather import Weather
from tests.views.producer.reading import said, source

ADDRESS = "https://images.example.org/noble.img"
FACTS = {"name": "noble", "disk_format": "raw", "container_format": "bare", "source": "url"}


def create(producer: Party, url: str = ADDRESS) -> Any:
    return producer.client.post(reverse("image-new"), FACTS | {"url": url}, follow=True)


def made(fake: FakeCloud) -> FakeImage:
    [image] = fake.glance.images.images.values()
    return image


@pytest.fixture
def failed(fake: FakeCloud, producer: Party) -> FakeImage:
    """An image that the cloud could not fetch."""
    create(producer)
    end_fetch(made(fake), b"")
    return made(fake)


def page(producer: Party, image: FakeImage) -> Any:
    return producer.client.get(reverse("producer-image", args=[image.id]))


def again(producer: Party, image: FakeImage, url: str) -> Any:
    return producer.client.post(reverse("image-data", args=[image.id]), {"url": url}, follow=True)


def test_it_is_asked_for_once(fake: FakeCloud, producer: Party) -> None:
    create(producer)
    [call] = [one for one in fake.requests if one.method == "POST" and "import" in one.path]
    assert call.json() == {"method": {"name": "web-download", "uri": ADDRESS}}


def test_the_page_looks_again_by_itself_until_it_is_done(fake: FakeCloud, producer: Party) -> None:
    answer = create(producer)
    assert "The cloud is fetching the image" in said(answer)
    assert 'hx-trigger="every 3s"' in source(answer)
    end_fetch(made(fake), b"data")
    assert "every 3s" not in source(page(producer, made(fake)))


def test_how_far_the_cloud_is_is_said(fake: FakeCloud, producer: Party) -> None:
    create(producer)
    made(fake).properties["status"] = "importing"
    made(fake).tasks[-1]["message"] = "Copied 40 MiB"
    assert "The cloud says: Copied 40 MiB" in said(page(producer, made(fake)))


def test_a_failure_is_said_with_what_to_do(producer: Party, failed: FakeImage) -> None:
    answer = page(producer, failed)
    assert "The cloud could not fetch it" in said(answer)
    assert "Is the address right" in said(answer)
    assert f'value="{ADDRESS}"' in source(answer)
    assert reverse("image-delete", args=[failed.id]) in source(answer)


def test_it_can_be_tried_again(producer: Party, failed: FakeImage) -> None:
    answer = again(producer, failed, "https://images.example.org/other.img")
    assert "The cloud is fetching the image" in said(answer)
    assert len(failed.tasks) == 2


def test_it_can_be_tried_again_with_a_file(
    fake: FakeCloud, producer: Party, failed: FakeImage
) -> None:
    data_url = reverse("image-data", args=[failed.id])
    producer.client.put(data_url, b"data", content_type="application/octet-stream")
    assert failed.data == b"data"


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "ftp://example.org/x", "http://", "h" * 3000, "http://x\0y"),
        *("file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "//x/y", "http:x"),
        *("http://a b/", "http://x\r\nHost: y/", "http://x\u200by/", "http://[::1"),
    ],
)
def test_nonsense_is_a_mistake_in_the_form(producer: Party, failed: FakeImage, url: str) -> None:
    answer = again(producer, failed, url)
    assert answer.status_code == 422
    assert len(failed.tasks) == 1


@pytest.mark.parametrize(("status", "why"), [(400, "does not take this"), (409, "has its data")])
def test_a_refusal_is_said(
    fake: FakeCloud, producer: Party, failed: FakeImage, status: int, why: str
) -> None:
    fake.fail("POST", "/v2/images/*/import", status=status)
    answer = again(producer, failed, ADDRESS)
    assert answer.status_code == 422
    assert why in said(answer)


@pytest.mark.parametrize("weather", [Weather(refused=True), Weather(slow=True), Weather(html=True)])
def test_a_cloud_that_is_away_keeps_the_address(
    fake: FakeCloud, producer: Party, failed: FakeImage, weather: Weather
) -> None:
    fake.fail("POST", "/v2/images/*/import", **weather)
    typed = "https://images.example.org/typed.img"
    assert again(producer, failed, typed).status_code == 503
    assert f'value="{typed}"' in source(page(producer, failed))


def test_only_the_owner_may(consumer: Party, failed: FakeImage) -> None:
    assert again(consumer, failed, ADDRESS).status_code == 404


def test_no_secret_of_an_address_is_written_down(fake: FakeCloud, producer: Party) -> None:
    create(producer, "https://ada:geheim@images.example.org/noble.img?sign=ature")
    [entry] = HistoryEntry.objects.filter(verb="image_uploaded")
    assert entry.detail == "https://images.example.org/noble.img…"
    end_fetch(made(fake), b"")
    assert "noble.img" not in source(page(producer, made(fake))).partition("<main")[2]


def test_where_the_cloud_does_not_fetch_a_file_is_asked_for(
    fake: FakeCloud, producer: Party
) -> None:
    fake.glance.import_methods = ["glance-direct"]
    answer = producer.client.get(reverse("image-new"))
    assert "does not fetch images from an address" in said(answer)
    assert 'name="url"' not in source(answer)
    assert create(producer).status_code == 422
    assert not fake.glance.images.images


def test_where_the_cloud_does_not_fetch_no_page_offers_it(
    fake: FakeCloud, producer: Party, failed: FakeImage
) -> None:
    fake.glance.import_methods = []
    assert 'name="url"' not in source(page(producer, failed))
