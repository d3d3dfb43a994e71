"""A share's link never ends in the dark: each page says what is the case, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import Producer, Succession
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.across import what_waits_in_another_project
from tests.scenarios.links import a_link_through_its_life, link_for, opened
from tests.shares import a_listing_of, a_record, a_share
from tests.visitor import a_listing, a_request
from tests.waiting import said

pytestmark = pytest.mark.django_db


@pytest.fixture
def shared(fake: FakeCloud, producer: Party, consumer: Party) -> str:
    """An image that the portal shared."""
    image_id = a_share(fake, producer, consumer)
    a_record(image_id, producer, consumer)
    return image_id


@pytest.fixture
def homes(fake: FakeCloud, sign_in: Callable[[str], Client]) -> list[Party]:
    """One user in two projects, signed in for the first."""
    projects = [fake.project("alpha"), fake.project("beta")]
    fake.user("duo", PASSWORD, projects=projects)
    client = sign_in("duo")
    return [Party(client, project, "duo") for project in projects]


def public_page(path: str, status: int = 200) -> str:
    answer = Client().get(path)
    assert answer.status_code == status, answer.status_code
    return said(answer.content.decode().partition("<main")[2].partition("</main>")[0])


def test_through_its_life(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party
) -> None:
    image_id = fake.image(producer.project, name="debian-12")
    a_link_through_its_life(producer, consumer, stranger, image_id)


def test_in_another_project_of_mine(fake: FakeCloud, producer: Party, homes: list[Party]) -> None:
    image_id = fake.image(producer.project)
    what_waits_in_another_project(producer, homes[0], homes[1], image_id)


def test_signed_out(consumer: Party, shared: str) -> None:
    link = link_for(consumer, shared)
    sign_in = Client().get(link)["Location"]
    assert parse_qs(urlsplit(sign_in).query)["next"] == [link]
    page = public_page(sign_in)
    assert "Your link leads to an image that was shared with a project" in page


def test_another_project(fake: FakeCloud, producer: Party, homes: list[Party]) -> None:
    link = link_for(homes[1], a_share(fake, producer, homes[1]))
    assert "This was shared with beta" in opened(homes[0], link)
    form = {"project_id": homes[1].project.id, "next": link}
    page = homes[0].client.post(reverse("scope"), form, follow=True).content.decode()
    assert 'data-status="pending"' in page


def test_another_region(fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]) -> None:
    fake.regions("North", "South")
    home = fake.project("orchard")
    fake.user("dora", PASSWORD, projects=[home])
    dora = Party(sign_in("dora"), home, "dora")
    image_id = a_share(fake, producer, dora, region="South")
    page = opened(dora, link_for(dora, image_id, region="South"))
    assert "This was shared in South" in page
    assert "Switch to South" in page


def test_another_region_that_nobody_knows(
    fake: FakeCloud, producer: Party, sign_in: Callable[[str], Client]
) -> None:
    """Neither the link says it nor a record of ours."""
    fake.regions("North", "South")
    home = fake.project("orchard")
    fake.user("dora", PASSWORD, projects=[home])
    dora = Party(sign_in("dora"), home, "dora")
    link = link_for(dora, a_share(fake, producer, dora, region="South"))
    assert "Look in South" in opened(dora, link, 404)
    page = dora.client.post(reverse("scope"), {"region": "South", "next": link}, follow=True)
    assert 'data-status="pending"' in page.content.decode()


def test_not_a_member_any_more(fake: FakeCloud, consumer: Party, shared: str) -> None:
    """Removed by another tool: nobody told us."""
    fake.remove_member(shared, consumer.project)
    page = opened(consumer, link_for(consumer, shared))
    assert "deleted, or is no longer shared with orchard" in page
    assert "To my inbox" in page


def test_not_a_member_any_more_and_no_record(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.remove_member(image_id, consumer.project)
    page = opened(consumer, link_for(consumer, image_id), 404)
    assert "Nothing is shared with orchard here" in page
    assert "See what is shared with me" in page


def test_the_image_was_deleted(producer: Party, consumer: Party, shared: str) -> None:
    a_listing_of(shared, producer)
    form = {"confirm": "noble"}
    assert producer.client.post(reverse("image-delete", args=[shared]), form).status_code == 302
    page = opened(consumer, link_for(consumer, shared))
    assert "The image was deleted" in page
    assert "Write to its producer: images@acme.test" in page


def test_the_image_was_made_private(producer: Party, consumer: Party, shared: str) -> None:
    form = {"visibility": "private"}
    assert producer.client.post(reverse("visibility", args=[shared]), form).status_code == 302
    page = opened(consumer, link_for(consumer, shared))
    assert "The image was made private" in page
    assert "it is back under this address, with the answer that you gave" in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("accepted", "It is in your image list"),
        ("rejected", "It is hidden from your image list"),
    ],
)
def test_answered_already(
    fake: FakeCloud, producer: Party, consumer: Party, status: str, words: str
) -> None:
    image_id = a_share(fake, producer, consumer, status)
    page = opened(consumer, link_for(consumer, image_id))
    assert words in page
    assert "Whatever you choose, you can choose again." in page


def test_past_its_last_day(producer: Party, fake: FakeCloud, consumer: Party) -> None:
    image_id = a_share(fake, producer, consumer)
    today = timezone.localdate()
    record = a_record(image_id, producer, consumer, ends_on=today + timedelta(days=1))
    a_listing_of(image_id, producer)
    link = link_for(consumer, image_id)
    assert "Its last day" not in opened(consumer, link)
    record.ends_on = today
    record.save()
    page = opened(consumer, link)
    assert "Its last day has come" in page
    assert "You need it for longer? Write to its producer: images@acme.test" in page


def test_taken_back_after_its_last_day(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    image_id, now = fake.image(producer.project), timezone.now()
    a_record(image_id, producer, consumer, ends_on=now.date(), removed_at=now)
    page = opened(consumer, link_for(consumer, image_id))
    assert "The producer took this share back" in page
    assert "It had a last day" in page


def test_forwarded_to_a_stranger(consumer: Party, stranger: Party, shared: str) -> None:
    page = opened(stranger, link_for(consumer, shared), 404)
    assert "This link is for another project" in page
    assert "noble" not in page
    assert "Sign in as someone else" in page


def test_with_an_application_credential_it_says_why_there_is_no_switch(
    fake: FakeCloud, producer: Party, homes: list[Party]
) -> None:
    key, secret = fake.application_credential(fake.known_user("duo"), homes[0].project)
    client = Client()
    form = {"method": "application_credential", "application_credential_id": key,
            "application_credential_secret": secret}  # fmt: skip
    assert client.post(reverse("sign-in"), form).status_code == 302
    link = link_for(homes[1], a_share(fake, producer, homes[1]))
    page = opened(Party(client, homes[0].project, "duo"), link, 404)
    assert "With your password you could switch" in page


def test_a_request_whose_listing_was_withdrawn() -> None:
    listing = a_listing(state="withdrawn")
    Producer.objects.create(
        project_id=listing.project_id, slug="acme", name="Acme", contact_email="hello@acme.test"
    )
    waiting, declined = a_request(listing), a_request(listing, "declined")
    page = public_page(waiting.get_absolute_url())
    assert "withdrew the image from the catalogue in the meantime" in page
    assert "Your request stands all the same" in page
    page = public_page(declined.get_absolute_url())
    assert "no longer in the catalogue" in page
    assert "hello@acme.test" in page
    assert "What else this producer has" in page


@pytest.mark.parametrize("state", ["open", "asked", "approved", "declined"])
def test_a_request_whose_image_is_gone(state: str) -> None:
    listing = a_listing(unavailable_since=timezone.now())
    page = public_page(a_request(listing, state).get_absolute_url())
    assert "The Image API no longer has this image" in page
    assert "Look for another in the catalogue" in page
    assert "Open the image" not in page


def test_the_listing_of_an_old_version_leads_to_the_newer() -> None:
    """Published or withdrawn, and on its request form."""
    newer = a_listing("Noble 2")
    for state, status in (("published", 200), ("withdrawn", 410)):
        old = a_listing("Noble 1", state=state)
        Succession.objects.create(
            producer_project_id=old.project_id,
            old_image_id=old.image_id,
            new_image_id=newer.image_id,
            note="Newer.",
        )
        assert "Noble 2" in public_page(old.get_absolute_url(), status)
    assert "To the newer version" in public_page(reverse("request", args=[old.slug]), 410)
    assert "To the newer version" in public_page(a_request(old, "declined").get_absolute_url())


def test_the_listing_of_an_image_that_is_gone_says_what_to_do() -> None:
    page = public_page(a_listing(unavailable_since=timezone.now()).get_absolute_url(), 410)
    assert "The Image API no longer has this image" in page
    assert "To the catalogue" in page
