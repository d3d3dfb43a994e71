"""What a consumer does on a share's page, by the site's own pages: the same on the fake and on the
real cloud."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve, reverse

from tests.conftest import Party
from tests.scenarios.loop import deliver_mail, publish
from tests.scenarios.shares import Letters, answer, page, share

BYTES = bytes(range(256)) * 4096


def a_consumer_downloads(producer: Party, consumer: Party) -> None:
    """Whatever was answered; and no more once the share has ended."""
    image_id = new_image(producer)
    share(producer, consumer, image_id)
    url = reverse("share-download", args=[image_id])
    assert url in page(consumer, "share", image_id)
    for status in ("pending", "rejected", "accepted"):
        if status != "pending":
            answer(consumer, image_id, status)
        found = consumer.client.get(url)
        assert found["Content-Length"] == str(len(BYTES))
        assert found.getvalue() == BYTES
    remove = reverse("member-remove", args=[image_id, consumer.project.id])
    assert producer.client.post(remove).status_code == 302
    assert consumer.client.get(url).status_code == 404


def a_reason_reaches_the_producer(producer: Party, consumer: Party, letters: Letters) -> None:
    """With the answer, and in another word after it: by mail, on the share's record and in both
    tables of shares; until there is another answer."""
    image_id = new_image(producer)
    publish(producer, image_id, contact_email="images@acme.test")
    share(producer, consumer, image_id)
    url = reverse("share-status", args=[image_id])
    for why in ("Too large for us.", "And too old."):
        form = {"status": "rejected", "reason": why}
        assert consumer.client.post(url, form).status_code == 302
        deliver_mail()
        assert why in letters("images@acme.test")[-1]
        assert why in page(producer, "producer-share", image_id, consumer.project.id)
        assert why in page(producer, "producer-image", image_id)
        assert why in page(producer, "shares")
        assert why in page(consumer, "share", image_id)
    assert 'data-status="rejected"' in page(consumer, "share", image_id)
    answer(consumer, image_id, "pending")
    assert "Previously you rejected it" in page(consumer, "share", image_id)
    assert "data-reason" not in page(producer, "producer-image", image_id)


def new_image(producer: Party) -> str:
    facts = {"name": "noble", "disk_format": "raw", "container_format": "bare", "source": "file"}
    file = SimpleUploadedFile("noble.raw", BYTES)
    made = producer.client.post(reverse("image-new"), {**facts, "file": file})
    assert made.status_code == 302, made.content.decode()
    return str(resolve(made["Location"]).kwargs["image_id"])
