import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
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


def test_nobody_signs_in_and_comes_back(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    """Also for the project that the link names, not the first of the user's."""
    home = fake.project("zebra")
    fake.user("zoe", PASSWORD, projects=[fake.project("aardvark"), home])
    client = Client()
    image_id = a_share(fake, producer, Party(client, home, "zoe"))
    link = f"{share_url(image_id)}?project={home.id}"
    sign_in = client.get(link)["Location"]
    assert sign_in.startswith("/sign-in/?next=")
    form = {"method": "password", "username": "zoe", "password": PASSWORD, "domain": "Default",
            "next": parse_qs(urlsplit(sign_in).query)["next"][0]}  # fmt: skip
    answer = client.post(reverse("sign-in"), form)
    assert answer["Location"] == link
    assert 'data-status="pending"' in client.get(link).content.decode()


@pytest.fixture
def both(fake: FakeCloud, sign_in: Callable[[str], Client]) -> tuple[Party, Party]:
    """One user in two projects, signed in for the first."""
    homes = [fake.project("first"), fake.project("second")]
    fake.user("both", PASSWORD, projects=homes)
    client = sign_in("both")
    return Party(client, homes[0], "both"), Party(client, homes[1], "both")


def test_for_another_project_of_mine_it_offers_to_switch(
    fake: FakeCloud, producer: Party, both: tuple[Party, Party]
) -> None:
    _, second = both
    image_id = a_share(fake, producer, second)
    link = f"{share_url(image_id)}?project={second.project.id}"
    text = page(second.client, image_id, project=second.project.id)
    assert "This was shared with second" in text
    assert "noble" not in text
    for field in (f'name="project_id" value="{second.project.id}"', f'name="next" value="{link}"'):
        assert field in text
    form = {"project_id": second.project.id, "next": link}
    answer = second.client.post(reverse("scope"), form, follow=True)
    assert 'data-status="pending"' in answer.content.decode()


@pytest.mark.parametrize("spelling", [str.upper, lambda text: str(uuid.UUID(text))])
def test_a_project_in_another_spelling_is_the_same(
    fake: FakeCloud, producer: Party, consumer: Party, spelling: Callable[[str], str]
) -> None:
    image_id = a_share(fake, producer, consumer)
    project = spelling(consumer.project.id)
    assert 'data-status="pending"' in page(consumer.client, image_id, project=project)


@pytest.mark.parametrize("nonsense", ["", "x", "0" * 33, "\x00", "../", "é" * 32])
def test_nonsense_is_nobodys_project(
    fake: FakeCloud, producer: Party, consumer: Party, nonsense: str
) -> None:
    image_id = a_share(fake, producer, consumer)
    text = page(consumer.client, image_id, 404, project=nonsense)
    assert "This link is for another project" in text


def test_a_forwarded_link_tells_a_stranger_nothing(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer)
    a_listing_of(image_id, producer)
    not_there = str(uuid.uuid4())
    real, none = (
        page(stranger.client, one, 404, project=consumer.project.id)
        for one in (image_id, not_there)
    )
    assert "This link is for another project" in real
    assert "Sign in as someone else" in real
    assert without_its_own(real, image_id) == without_its_own(none, not_there)


def test_the_producer_is_sent_to_the_image(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    for query in ({}, {"project": consumer.project.id}):
        answer = producer.client.get(share_url(image_id), query)
        assert answer.status_code == 302
        assert answer["Location"] == reverse("producer-image", args=[image_id])


def test_with_an_application_credential_another_project_cannot_be_switched_to(
    fake: FakeCloud, producer: Party
) -> None:
    homes = [fake.project("first"), fake.project("second")]
    user = fake.user("robot", PASSWORD, projects=homes)
    key, secret = fake.application_credential(user, homes[0])
    client = Client()
    form = {"method": "application_credential", "application_credential_id": key,
            "application_credential_secret": secret}  # fmt: skip
    assert client.post(reverse("sign-in"), form).status_code == 302
    image_id = a_share(fake, producer, Party(client, homes[1], "robot"))
    page(client, image_id, 404, project=homes[1].id)


def test_in_another_region_it_offers_to_switch(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.regions("North", "South")
    home = fake.project("orchard")
    fake.user("dora", PASSWORD, projects=[home])
    dora = Party(sign_in("dora"), home, "dora")
    image_id = a_share(fake, producer, dora, region="South")
    link = f"{share_url(image_id)}?project={home.id}&region=South"
    assert "This was shared in South" in dora.client.get(link).content.decode()
    answer = dora.client.post(reverse("scope"), {"region": "South", "next": link}, follow=True)
    assert 'data-status="pending"' in answer.content.decode()


def test_without_the_region_in_the_link_our_record_knows_it(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    fake.regions("North", "South")
    home = fake.project("orchard")
    fake.user("dora", PASSWORD, projects=[home])
    dora = Party(sign_in("dora"), home, "dora")
    image_id = a_share(fake, producer, dora, region="South")
    a_record(image_id, producer, dora, region="South")
    assert 'name="region" value="South"' in page(dora.client, image_id)


def test_a_region_that_is_none_is_overlooked(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    assert 'data-status="pending"' in page(consumer.client, image_id, region="Atlantis")


def test_htmx_gets_the_share(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    headers = {"HX-Request": "true", "HX-Target": "share"}
    answer = consumer.client.get(share_url(a_share(fake, producer, consumer)), headers=headers)
    assert answer.content.decode().strip().startswith('<div id="share"')
