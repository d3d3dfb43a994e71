import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share, share_url, status_url, without_its_own

IN_EVERY_STATE = "you can boot from the image by its ID in every state"


def page(client: Client, image_id: str, status: int = 200, **query: str) -> str:
    answer = client.get(share_url(image_id), query)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("pending", ["accepted", "rejected", "pending"]),
        ("accepted", ["rejected", "pending"]),
        ("rejected", ["accepted", "pending"]),
    ],
)
def test_it_shows_the_state_and_the_other_choices(
    fake: FakeCloud, producer: Party, consumer: Party, status: str, offered: list[str]
) -> None:
    image_id = a_share(fake, producer, consumer, status)
    text = page(consumer.client, image_id)
    assert f'data-image="{image_id}" data-project="{consumer.project.id}"' in text
    assert f'data-status="{status}"' in text
    for choice in offered:
        assert f'name="status" value="{choice}"' in text
    assert IN_EVERY_STATE in text


def test_the_image_and_the_membership_are_asked_for_side_by_side(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    met = threading.Barrier(2, timeout=10)
    image = f"/v2/images/{image_id}"
    for path in (image, f"{image}/members/{consumer.project.id}"):
        fake.after("GET", path, met.wait)
    page(consumer.client, image_id)
    assert not met.broken


def test_it_has_the_commands_by_id(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    text = page(consumer.client, image_id)
    assert f"openstack image set --accept {image_id}" in text
    assert f"openstack server create --image {image_id}" in text
    assert "openstack_images_image_access_accept_v2" in text
    assert "--project" not in text


def test_it_has_the_facts_the_note_and_the_producer(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer, os_distro="debian", min_disk=7)
    a_record(image_id, producer, consumer, note="<i>Enjoy</i>")
    listing = a_listing_of(image_id, producer)
    text = page(consumer.client, image_id)
    for words in ("noble", "Debian", "7 GiB", "&lt;i&gt;Enjoy", "Acme Images"):
        assert words in text
    assert listing.get_absolute_url() in text


def test_without_a_listing_the_producer_is_a_project(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    assert f'data-copy="{producer.project.id}"' in page(consumer.client, image_id)


@pytest.mark.parametrize(
    "facts", [{"os_hidden": True}, {"status": "deactivated"}], ids=["hidden", "deactivated"]
)
def test_it_warns(fake: FakeCloud, producer: Party, consumer: Party, facts: dict[str, Any]) -> None:
    image_id = a_share(fake, producer, consumer, **facts)
    assert 'class="notice warning"' in page(consumer.client, image_id)


def test_it_says_since_when_it_is_put_off(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer, shared_at=timezone.now() - timedelta(days=2))
    for status in ("accepted", "pending"):
        assert "put off" not in page(consumer.client, image_id)
        consumer.client.post(status_url(image_id), {"status": status})
    assert "put off" in page(consumer.client, image_id)


def test_withdrawn_by_the_producer(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id = fake.image(producer.project)
    a_record(image_id, producer, consumer, removed_at=timezone.now())
    text = page(consumer.client, image_id)
    assert "The producer took this share back" in text
    assert 'data-status="removed"' in text
    assert status_url(image_id) not in text


def test_a_share_withdrawn_here_and_made_again_elsewhere_can_be_answered(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer, removed_at=timezone.now(), note="Long ago")
    text = page(consumer.client, image_id)
    assert 'data-status="pending"' in text
    assert "Long ago" not in text


@pytest.mark.parametrize("is_deleted", [True, False])
def test_the_image_is_gone_or_no_longer_shared(
    fake: FakeCloud, producer: Party, consumer: Party, is_deleted: bool
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer)
    if is_deleted:
        fake.delete_image(image_id)
    else:
        fake.change_image(image_id, visibility="private")
    text = page(consumer.client, image_id)
    assert "The image is gone" in text
    assert "noble" in text
    assert status_url(image_id) not in text


def test_what_was_never_shared_is_not_there(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    """An image that is not there, and one that is not for the stranger: the same to the letter."""
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer)
    not_there = str(uuid.uuid4())
    theirs, none = (page(stranger.client, one, 404) for one in (image_id, not_there))
    assert without_its_own(theirs, image_id) == without_its_own(none, not_there)


@pytest.mark.parametrize("visibility", ["public", "community"])
def test_an_image_for_everyone_needs_no_answer(
    fake: FakeCloud, producer: Party, consumer: Party, visibility: str
) -> None:
    image_id = fake.image(producer.project, visibility=visibility)
    text = page(consumer.client, image_id)
    assert "there is nothing to accept" in text
    assert status_url(image_id) not in text
    assert "openstack server create" in text


def test_an_admin_sees_no_more_than_his_own_shares(
    fake: FakeCloud, producer: Party, consumer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.user("root", PASSWORD, projects=[fake.project("operators")], roles=["admin"])
    page(sign_in("root"), a_share(fake, producer, consumer), 404)


def test_htmx_gets_the_share(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    headers = {"HX-Request": "true", "HX-Target": "share"}
    answer = consumer.client.get(share_url(a_share(fake, producer, consumer)), headers=headers)
    assert answer.content.decode().strip().startswith('<div id="share"')
