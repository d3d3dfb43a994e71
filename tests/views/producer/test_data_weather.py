"""Bad weather while an image's bytes are on their way: each ends on a page that says what is so."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sharing.models import HistoryEntry
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import said, source

BYTES = b"x" * 100_000
REFUSED = (400, 403, 409, 411, 413, 422)
GONE = (404, 410)
AWAY = [
    *(Weather(status=status) for status in (408, 429, 500, 502, 503, 504)),
    Weather(html=True),
    Weather(refused=True),
    Weather(slow=True),
]


@pytest.fixture
def queued(fake: FakeCloud, producer: Party) -> str:
    return fake.image(producer.project, status="queued", size=None, disk_format="raw")


def put(producer: Party, image_id: str) -> Any:
    page = reverse("image-data", args=[image_id])
    return producer.client.put(page, BYTES, content_type="application/octet-stream")


@pytest.mark.parametrize("status", REFUSED)
def test_what_the_cloud_refuses_is_said_with_another_try(
    fake: FakeCloud, producer: Party, queued: str, status: int
) -> None:
    fake.fail("PUT", "/v2/images/*/file", status=status)
    answer = put(producer, queued)
    assert answer.status_code == 422
    assert 'class="notice danger"' in source(answer)
    assert "Try again" in said(answer)
    assert not HistoryEntry.objects.exists()
    assert put(producer, queued).status_code == 303


@pytest.mark.parametrize("status", GONE)
def test_an_image_deleted_meanwhile_is_gone(
    fake: FakeCloud, producer: Party, queued: str, status: int
) -> None:
    fake.fail("PUT", "/v2/images/*/file", status=status)
    fake.after("GET", f"/v2/images/{queued}", lambda: fake.delete_image(queued))
    assert put(producer, queued).status_code in {404, 410}


@pytest.mark.parametrize("status", GONE)
def test_an_image_said_to_be_gone_that_is_there_is_for_another_try(
    fake: FakeCloud, producer: Party, queued: str, status: int
) -> None:
    """Glance's answer when an upload that broke off has only now come to its end."""
    fake.fail("PUT", "/v2/images/*/file", status=status)
    answer = put(producer, queued)
    assert answer.status_code == 422
    assert "Try again" in said(answer)
    assert put(producer, queued).status_code == 303


@pytest.mark.parametrize("weather", AWAY)
def test_a_cloud_that_breaks_is_a_503_and_the_way_back(
    fake: FakeCloud, producer: Party, queued: str, weather: Weather
) -> None:
    fake.fail("PUT", "/v2/images/*/file", **weather)
    answer = put(producer, queued)
    assert answer.status_code == 503
    assert reverse("producer-image", args=[queued]) in source(answer)
    assert put(producer, queued).status_code == 303


@pytest.mark.parametrize("weather", AWAY)
def test_a_form_leads_to_the_new_images_page_all_the_same(
    fake: FakeCloud, producer: Party, weather: Weather
) -> None:
    fake.fail("PUT", "/v2/images/*/file", **weather)
    form = {"name": "x", "disk_format": "raw", "container_format": "bare", "source": "file"}
    file = SimpleUploadedFile("x.raw", BYTES)
    answer = producer.client.post(reverse("image-new"), {**form, "file": file}, follow=True)
    assert "went away during the upload" in source(answer)
    assert "The image has no data yet" in said(answer)


@pytest.mark.parametrize("weather", AWAY)
def test_a_download_from_a_cloud_that_is_away_is_a_503(
    fake: FakeCloud, producer: Party, image: str, weather: Weather
) -> None:
    fake.fail("GET", f"/v2/images/{image}/file", **weather)
    answer = producer.client.get(reverse("image-download", args=[image]))
    assert answer.status_code == 503


def test_a_token_that_ends_with_the_upload_leads_to_the_sign_in_and_back(
    fake: FakeCloud, producer: Party, queued: str
) -> None:
    """The Image API asks about it at the beginning only; the next page has no token any more."""
    sent = put(producer, queued)
    fake.expire_all()
    assert sent.status_code == 303
    answer = producer.client.get(sent["Location"])
    assert answer["Location"].startswith("/sign-in/?next=")
    assert fake.glance.images.images[queued].data == BYTES


@pytest.mark.parametrize("path", ["/v2/schemas/image", "/v2/info/import"])
def test_the_form_for_a_new_image_needs_the_cloud(
    fake: FakeCloud, producer: Party, path: str
) -> None:
    fake.fail("GET", path, html=True)
    assert producer.client.get(reverse("image-new")).status_code == 503
