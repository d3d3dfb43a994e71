from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sharing.cloud.transport import DATA_CHUNK
from sharing.forms import uploads
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.views.producer.reading import said, source

BYTES = bytes(range(256)) * 4000
OCTETS = "application/octet-stream"


@pytest.fixture
def queued(fake: FakeCloud, producer: Party) -> str:
    facts: dict[str, Any] = {
        "status": "queued",
        "size": None,
        "checksum": None,
        "disk_format": "raw",
    }
    return fake.image(producer.project, name="noble", **facts)


def url(image_id: str) -> str:
    return reverse("image-data", args=[image_id])


def test_takes_the_bare_file(fake: FakeCloud, producer: Party, queued: str) -> None:
    answer = producer.client.put(url(queued), BYTES, content_type=OCTETS)
    assert answer.status_code == 303  # a 302 would make the browser send it all again
    assert fake.glance.images.images[queued].data == BYTES
    [put] = [call for call in fake.requests if call.method == "PUT"]
    assert put.headers["Content-Length"] == str(len(BYTES))


def test_a_body_cut_off_leaves_the_image_queued(
    fake: FakeCloud, producer: Party, queued: str
) -> None:
    cut: dict[str, Any] = {
        "CONTENT_LENGTH": str(len(BYTES) + 1),
        "wsgi.input": io.BytesIO(BYTES),
    }
    answer = producer.client.generic("PUT", url(queued), BYTES, OCTETS, **cut)
    assert answer.status_code == 422
    assert "broke off" in said(answer)
    assert fake.glance.images.images[queued].properties["status"] == "queued"


def test_nothing_is_no_image(fake: FakeCloud, producer: Party, queued: str) -> None:
    assert producer.client.put(url(queued), b"", content_type=OCTETS).status_code == 422
    assert producer.client.post(url(queued), {}).status_code == 422
    assert not [call for call in fake.calls if call.startswith("PUT")]


def test_an_image_with_data_takes_no_other(fake: FakeCloud, producer: Party, image: str) -> None:
    answer = producer.client.put(url(image), BYTES, content_type=OCTETS)
    assert answer.status_code == 422
    assert "has its data already" in said(answer)


def test_is_the_owners_alone(fake: FakeCloud, consumer: Party, queued: str) -> None:
    fake.member(queued, consumer.project)
    assert consumer.client.put(url(queued), BYTES, content_type=OCTETS).status_code == 404
    assert consumer.client.get(reverse("image-download", args=[queued])).status_code == 404


@pytest.mark.parametrize("status", [403, 404, 410, 413])
def test_a_refusal_is_said(fake: FakeCloud, producer: Party, queued: str, status: int) -> None:
    fake.fail("PUT", "/v2/images/*/file", status=status)
    answer = producer.client.put(url(queued), BYTES, content_type=OCTETS)
    assert answer.status_code in {404, 422}


def test_an_expired_token_leads_to_the_sign_in(
    fake: FakeCloud, producer: Party, queued: str
) -> None:
    fake.expire_all()
    answer = producer.client.put(url(queued), BYTES, content_type=OCTETS)
    assert answer.status_code == 303
    assert "/sign-in/" in answer["Location"]


def test_gives_the_bytes_back(fake: FakeCloud, producer: Party, queued: str) -> None:
    producer.client.put(url(queued), BYTES, content_type=OCTETS)
    page = reverse("image-download", args=[queued])
    answer = producer.client.get(page, headers={"Accept-Encoding": "gzip"})
    assert answer.getvalue() == BYTES
    assert answer["Content-Length"] == str(len(BYTES))
    assert answer["Content-Disposition"] == 'attachment; filename="noble.raw"'


def test_a_deactivated_image_is_not_handed_out(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    fake.change_image(image, status="deactivated")
    answer = producer.client.get(reverse("image-download", args=[image]))
    assert answer.status_code == 422
    assert "does not hand out" in said(answer)


def test_an_image_without_data_has_nothing_to_give(producer: Party, queued: str) -> None:
    answer = producer.client.get(reverse("image-download", args=[queued]))
    assert answer.status_code == 422
    assert "there is nothing to download" in said(answer)


def test_a_body_in_chunks_is_taken_to_its_end(
    fake: FakeCloud, producer: Party, queued: str
) -> None:
    assert put_in_chunks(producer, queued, BYTES).status_code == 303
    assert fake.glance.images.images[queued].data == BYTES


def test_no_chunk_at_all_is_no_image(fake: FakeCloud, producer: Party, queued: str) -> None:
    assert put_in_chunks(producer, queued, b"").status_code == 422
    assert not [call for call in fake.calls if call.startswith("PUT")]


def put_in_chunks(producer: Party, image_id: str, body: bytes) -> Any:
    """As gunicorn hands it on: no length, and a stream that ends where the chunks end."""
    chunked: dict[str, Any] = {
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
        "wsgi.input": io.BytesIO(body),
    }
    return producer.client.generic("PUT", url(image_id), b"", OCTETS, **chunked)


def test_bytes_of_another_format_are_explained_once(
    fake: FakeCloud, producer: Party, queued: str
) -> None:
    fake.change_image(queued, disk_format="qcow2")
    answer = producer.client.put(url(queued), BYTES, content_type=OCTETS)
    assert answer.status_code == 422
    assert said(answer).count("disk format") == 1
    assert "Delete this image" in said(answer)
    assert 'type="file"' not in source(answer)


def test_the_checksum_of_a_refused_file_is_not_the_images(
    fake: FakeCloud, producer: Party, queued: str
) -> None:
    fake.change_image(queued, checksum="d41d8cd98f00b204e9800998ecf8427e")
    page = source(producer.client.get(reverse("producer-image", args=[queued])))
    assert "d41d8cd98f00b204e9800998ecf8427e" not in page


def test_an_upload_that_stands_still_can_be_ended(
    fake: FakeCloud, producer: Party, queued: str
) -> None:
    fake.change_image(queued, status="saving")
    answer = producer.client.get(reverse("producer-image", args=[queued]))
    assert "the cloud stopped in the middle" in said(answer)
    assert reverse("image-delete", args=[queued]) in source(answer)
    assert "every 3s" in source(answer)


def test_what_a_refused_form_still_sends_is_read(producer: Party, queued: str) -> None:
    """Unread, it would make the server reset the connection, and the answer would be lost."""
    body = io.BytesIO(BYTES)
    sent: dict[str, Any] = {"CONTENT_LENGTH": str(len(BYTES)), "wsgi.input": body}
    client = Client(enforce_csrf_checks=True)
    client.cookies = producer.client.cookies
    assert client.generic("PUT", url(queued), b"", OCTETS, **sent).status_code == 403
    assert not body.read()


def test_a_refused_form_is_not_read_for_ever(
    producer: Party, queued: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "REST_BYTES", 1)
    body = io.BytesIO(BYTES)
    sent: dict[str, Any] = {"CONTENT_LENGTH": str(len(BYTES)), "wsgi.input": body}
    client = Client(enforce_csrf_checks=True)
    client.cookies = producer.client.cookies
    client.generic("PUT", url(queued), b"", OCTETS, **sent)
    assert len(body.read()) == len(BYTES) - DATA_CHUNK
