from __future__ import annotations

import pytest

from sharing import session
from sharing.cloud.resources import Image
from sharing.models import HistoryEntry, Listing, Tag
from sharing.services import listings
from sharing.session import Cloud
from tests.conftest import Party
from tests.fake.cloud import FakeCloud

WORDS = listings.Words(
    title="Debian 12",
    summary="Calm.",
    description="All you need.",
    contact_email="images@acme.test",
    terms="",
    tags=("base", "lab"),
)
State = Listing.State


@pytest.fixture
def cloud(producer: Party) -> Cloud:
    found = session.load(producer.client.session, request_id="req-test")
    assert found
    return found


@pytest.fixture
def image(fake: FakeCloud, producer: Party, cloud: Cloud) -> Image:
    return cloud.images.get_image(fake.image(producer.project, name="debian-12"))


def save(cloud: Cloud, image: Image, state: State = State.PUBLISHED) -> Listing:
    return listings.save(
        cloud=cloud, image_id=image.id, image=image, words=WORDS, state=state, by=cloud.user
    )


def test_refreshing_changes_the_facts_and_not_the_time_of_the_last_change(
    fake: FakeCloud, cloud: Cloud, image: Image
) -> None:
    before = save(cloud, image)
    fake.change_image(image.id, os_distro="debian", size=7)
    now = cloud.images.get_image(image.id)
    listings.refresh(cloud=cloud, image=now, by=cloud.user)
    after = Listing.objects.get()
    assert (after.os_distro, after.size) == ("debian", 7)
    assert after.updated_at == before.updated_at
    assert after.facts_at
    assert before.facts_at
    assert after.facts_at > before.facts_at


def test_refreshing_without_a_listing_makes_none(cloud: Cloud, image: Image) -> None:
    assert listings.refresh(cloud=cloud, image=image, by=cloud.user) is None
    assert not Listing.objects.exists()


def test_a_previewed_listing_is_not_saved(cloud: Cloud, image: Image) -> None:
    saved = save(cloud, image)
    words = listings.Words("Another", "", "", "a@b.test", "", ("new",))
    shown = listings.preview(cloud=cloud, image=image, listing=saved, words=words)
    assert shown.title == "Another"
    assert saved.title == "Debian 12"
    assert not Tag.objects.filter(name="new").exists()


def test_a_tag_that_is_there_is_used_again(cloud: Cloud, image: Image) -> None:
    Tag.objects.create(name="base")
    save(cloud, image)
    assert Tag.objects.count() == 2


def test_a_tag_that_is_taken_away_is_gone_from_the_listing(cloud: Cloud, image: Image) -> None:
    save(cloud, image)
    less = listings.Words("Debian 12", "", "", "a@b.test", "", ("lab",))
    listing = listings.save(
        cloud=cloud, image_id=image.id, image=image, words=less, state=State.DRAFT, by=cloud.user
    )
    assert [tag.name for tag in listing.tags.all()] == ["lab"]


def test_without_the_image_only_its_own_listing_can_be_saved(cloud: Cloud, image: Image) -> None:
    save(cloud, image)
    Listing.objects.update(project_id="f" * 32)
    with pytest.raises(listings.Taken):
        listings.save(
            cloud=cloud,
            image_id=image.id,
            image=None,
            words=WORDS,
            state=State.DRAFT,
            by=cloud.user,
        )


def test_an_image_with_the_same_id_does_not_take_anothers_listing(
    cloud: Cloud, image: Image
) -> None:
    save(cloud, image)
    Listing.objects.update(project_id="f" * 32, producer_name="before")
    with pytest.raises(listings.Taken):
        save(cloud, image)
    assert Listing.objects.get().producer_name == "before"


def test_each_verb_leaves_its_row(cloud: Cloud, image: Image) -> None:
    for state in (State.DRAFT, State.PUBLISHED, State.PUBLISHED, State.WITHDRAWN):
        save(cloud, image, state)
    listings.mark_unavailable(cloud=cloud, listing=Listing.objects.get(), by=cloud.user)
    rows = HistoryEntry.objects.order_by("pk").values_list("verb", "request_id")
    assert list(rows) == [
        ("listing_saved", "req-test"),
        ("listing_published", "req-test"),
        ("listing_saved", "req-test"),
        ("listing_withdrawn", "req-test"),
        ("listing_unavailable", "req-test"),
    ]
