from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.cloud.errors import Broken
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.scenarios.share_page import a_consumer_downloads
from tests.shares import a_record, a_share

BYTES = bytes(range(256)) * 4096


def url(image_id: str) -> str:
    return reverse("share-download", args=[image_id])


def get(party: Party, image_id: str) -> Any:
    return party.client.get(url(image_id))


@pytest.fixture
def image(fake: FakeCloud, producer: Party, consumer: Party) -> str:
    image_id = a_share(fake, producer, consumer)
    fake.glance.images.images[image_id].data = BYTES
    return image_id


def test_in_every_state(producer: Party, consumer: Party) -> None:
    a_consumer_downloads(producer, consumer)


def test_as_it_is_and_some_at_a_time(consumer: Party, image: str) -> None:
    answer: Any = consumer.client.get(url(image), headers={"Accept-Encoding": "gzip"})
    assert answer.streaming
    assert answer["Content-Length"] == str(len(BYTES))
    assert answer["Content-Disposition"] == 'attachment; filename="noble.qcow2"'
    chunks = [*answer]
    assert b"".join(chunks) == BYTES
    assert len(chunks) > 1


def test_a_policy_that_says_no(fake: FakeCloud, consumer: Party, image: str) -> None:
    fake.fail("GET", f"/v2/images/{image}/file", status=403)
    answer = get(consumer, image)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "does not hand out" in page
    assert "by its ID" in page


def test_no_data(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer, status="queued")
    answer = get(consumer, image_id)
    assert answer.status_code == 404
    assert "there is nothing to download" in answer.content.decode()


def test_the_share_ends_a_moment_before(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    a_record(image, producer, consumer)
    path = f"/v2/images/{image}/members/{consumer.project.id}"
    fake.after("GET", path, lambda: fake.delete_image(image))
    answer = get(consumer, image)
    assert answer.status_code == 404
    assert "The image is gone" in answer.content.decode()


@pytest.mark.parametrize("is_removed", [True, False])
def test_what_is_past_cannot_be_downloaded(
    fake: FakeCloud, producer: Party, consumer: Party, is_removed: bool
) -> None:
    image_id = fake.image(producer.project)
    a_record(image_id, producer, consumer, removed_at=timezone.now() if is_removed else None)
    answer = get(consumer, image_id)
    assert answer.status_code == 404
    words = "The producer took this share back" if is_removed else "The image is gone"
    assert words in answer.content.decode()


def test_a_stranger_finds_nothing(stranger: Party, image: str) -> None:
    assert get(stranger, image).status_code == 404


def test_the_producer_has_a_download_of_his_own(producer: Party, image: str) -> None:
    assert get(producer, image)["Location"] == reverse("image-download", args=[image])


def test_nobody_signs_in_first(client: Client, image: str) -> None:
    assert client.get(url(image))["Location"] == f"/sign-in/?next={quote(url(image), safe='')}"


@pytest.mark.parametrize("weather", [{"html": True}, {"status": 500}, {"status": 503}])
def test_a_cloud_that_is_away_is_a_503(
    fake: FakeCloud, consumer: Party, image: str, weather: Weather
) -> None:
    fake.fail("GET", f"/v2/images/{image}/file", **weather)
    assert get(consumer, image).status_code == 503


def test_what_breaks_off_does_not_look_whole(fake: FakeCloud, consumer: Party, image: str) -> None:
    fake.fail("GET", f"/v2/images/{image}/file", cut=True)
    answer = get(consumer, image)
    assert answer["Content-Length"] == "1000"
    with pytest.raises(Broken):
        answer.getvalue()
