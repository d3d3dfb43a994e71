from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sharing.models import HistoryEntry
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.fake.records import FakeImage
from tests.views.producer.reading import said, source

URL = "/producer/images/new/"
BYTES = b"x" * 700_000


def form(**changes: Any) -> dict[str, Any]:
    fields = {
        "name": "noble",
        "disk_format": "raw",
        "container_format": "bare",
        "min_disk": "2",
        "os_distro": "ubuntu",
        "source": "file",
    }
    file = changes.pop("file", SimpleUploadedFile("noble.raw", BYTES))
    return {**fields, **changes, "file": file}  # the file stands last


def made(fake: FakeCloud) -> FakeImage:
    [image] = fake.glance.images.images.values()
    return image


def test_offers_the_formats_of_the_cloud(producer: Party) -> None:
    page = source(producer.client.get(URL))
    assert '<option value="ploop"' in page
    assert '<option value="docker"' in page


def test_creates_an_image_and_sends_its_bytes(fake: FakeCloud, producer: Party) -> None:
    answer = producer.client.post(URL, form())
    image = made(fake)
    assert (answer.status_code, answer["Location"]) == (302, f"/producer/images/{image.id}/")
    assert image.data == BYTES
    facts = ("name", "status", "min_disk", "min_ram", "os_distro")
    assert [image.properties[f] for f in facts] == ["noble", "active", 2, 0, "ubuntu"]
    assert "architecture" not in image.properties
    assert [e.verb for e in HistoryEntry.objects.order_by("pk")] == [
        "image_created",
        "image_uploaded",
    ]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": ""}, "This field is required"),
        ({"disk_format": "floppy"}, "Select a valid choice"),
        ({"min_disk": "-1"}, "greater than or equal to 0"),
        ({"min_ram": str(2**31)}, "less than or equal"),
        ({"name": "a\0b"}, "Null characters"),
        ({"name": "n" * 256}, "at most 255"),
        ({"file": ""}, "Choose the file"),
        ({"file": SimpleUploadedFile("empty.raw", b"")}, "empty"),
        ({"source": "url", "url": "ftp://example.org/x"}, "http:// or https://"),
        ({"source": "url", "url": "http://[x"}, "http:// or https://"),
        ({"source": "nonsense"}, "Select a valid choice"),
    ],
)
def test_says_what_is_wrong_and_makes_nothing(
    fake: FakeCloud, producer: Party, changes: dict[str, Any], why: str
) -> None:
    answer = producer.client.post(URL, form(**changes))
    assert answer.status_code == 422
    assert why in said(answer)
    assert not fake.glance.images.images


def test_a_form_without_the_token_is_refused_before_anything_is_made(
    fake: FakeCloud, producer: Party
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = producer.client.cookies
    assert client.post(URL, form()).status_code == 403
    assert not fake.glance.images.images


def test_bytes_of_another_format_are_explained(fake: FakeCloud, producer: Party) -> None:
    answer = producer.client.post(URL, form(disk_format="qcow2"), follow=True)
    assert said(answer).count("disk format") == 1
    assert "Its file was refused" in said(answer)
    assert "Delete" in said(answer)


def test_a_cloud_that_breaks_in_the_middle_leaves_an_image_to_try_again(
    fake: FakeCloud, producer: Party
) -> None:
    fake.fail("PUT", "/v2/images/*/file", refused=True)
    answer = producer.client.post(URL, form(), follow=True)
    assert "went away during the upload" in source(answer)
    assert "The image has no data yet" in said(answer)
    image = made(fake)
    again = {"file": SimpleUploadedFile("noble.raw", BYTES)}
    producer.client.post(f"/producer/images/{image.id}/data/", again)
    assert image.data == BYTES


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_a_form_cut_off_is_never_taken_for_a_whole_file(
    fake: FakeCloud, producer: Party, kept: float
) -> None:
    """The browser went away: fewer bytes come than were announced."""
    head = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in form(file="").items()
        if name != "file"
    )
    head += '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    whole = head.encode() + BYTES + b"\r\n--b--\r\n"
    cut = whole[: len(head) + int(kept * len(BYTES))]
    cut_off: dict[str, Any] = {
        "CONTENT_LENGTH": str(len(whole)),
        "CONTENT_TYPE": "multipart/form-data; boundary=b",
        "wsgi.input": io.BytesIO(cut),
    }
    sent = producer.client.generic("POST", URL, **cut_off)
    image = made(fake)
    assert image.properties["status"] == "queued"
    answer = producer.client.get(sent["Location"])
    assert "broke off before its end" in source(answer)


@pytest.mark.parametrize("status", [403, 413, 409])
def test_a_refusal_is_said_on_the_form(fake: FakeCloud, producer: Party, status: int) -> None:
    fake.fail("POST", "/v2/images", status=status)
    answer = producer.client.post(URL, form())
    assert answer.status_code == 422
    assert 'value="noble"' in source(answer)
    assert not HistoryEntry.objects.exists()


def test_a_cloud_that_is_away_keeps_what_was_typed(fake: FakeCloud, producer: Party) -> None:
    fake.stop_glance()
    assert producer.client.post(URL, form()).status_code == 503
    fake.start_glance()
    assert 'value="noble"' in source(producer.client.get(URL))


def test_the_script_makes_the_image_first(fake: FakeCloud, producer: Party) -> None:
    fields = form(file_follows="yes")
    del fields["file"]
    assert producer.client.post(URL, fields).status_code == 302
    assert made(fake).properties["status"] == "queued"


def test_the_fields_of_either_way_are_not_called_optional(producer: Party) -> None:
    page = source(producer.client.get(URL))
    for name in ("id_file", "id_url"):
        label = page.partition(f'<label for="{name}">')[2].partition("</label>")[0]
        assert label in {"File", "Address (URL)"}


def test_an_address_that_is_not_asked_for_is_no_mistake(fake: FakeCloud, producer: Party) -> None:
    assert producer.client.post(URL, form(url="nonsense")).status_code == 302
    assert made(fake).data == BYTES


def test_a_file_that_cannot_be_kept_over_a_sign_in_is_asked_for_again(
    fake: FakeCloud, producer: Party
) -> None:
    fake.expire_all()
    assert producer.client.post(URL, form()).status_code == 302
    who = {"method": "password", "username": "ada", "password": PASSWORD, "next": URL}
    page = source(producer.client.post("/sign-in/", who, follow=True))
    assert "choose it once more" in page
    assert 'value="noble"' in page
    assert not fake.glance.images.images
