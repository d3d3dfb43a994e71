from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from sharing import session
from sharing.cloud.errors import Refused
from sharing.services import inbox
from sharing.services.inbox import State
from sharing.session import Cloud
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share

CloudOf = Callable[[Party], Cloud]


@pytest.fixture
def cloud_of() -> CloudOf:
    def cloud(party: Party) -> Cloud:
        found = session.load(party.client.session, request_id="req-test")
        assert found
        return found

    return cloud


def test_the_three_lists_are_fetched_at_once(
    fake: FakeCloud, producer: Party, consumer: Party, cloud_of: CloudOf
) -> None:
    ids = {one: a_share(fake, producer, consumer, one) for one in ("pending", "accepted")}
    drawers = inbox.list_drawers(cloud=cloud_of(consumer))
    assert [shared.image.id for shared in drawers["pending"]] == [ids["pending"]]
    assert [shared.image.id for shared in drawers["accepted"]] == [ids["accepted"]]
    assert drawers["rejected"] == ()


def test_the_newest_share_is_first(
    fake: FakeCloud, producer: Party, consumer: Party, cloud_of: CloudOf
) -> None:
    first, second, third = (a_share(fake, producer, consumer) for _ in range(3))
    a_record(first, producer, consumer, shared_at=timezone.now() + timedelta(seconds=9))
    a_record(third, producer, consumer, shared_at=timezone.now() - timedelta(days=9))
    drawer = inbox.open_drawer(cloud=cloud_of(consumer), status="pending", page="1")
    assert [letter.image.id for letter in drawer.letters] == [first, second, third]


def test_a_letter_without_a_record_has_the_members_time(
    fake: FakeCloud, producer: Party, consumer: Party, cloud_of: CloudOf
) -> None:
    a_share(fake, producer, consumer)
    [letter] = inbox.open_drawer(cloud=cloud_of(consumer), status="pending", page="1").letters
    assert letter.shared_at is not None
    assert abs(letter.shared_at - datetime.now(UTC)) < timedelta(seconds=5)
    assert (letter.note, letter.listing) == ("", None)


def test_a_member_that_cannot_be_read_is_no_guess(
    fake: FakeCloud, producer: Party, consumer: Party, cloud_of: CloudOf
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.fail("GET", f"/v2/images/{image_id}/members/*", refused=True, times=2)
    with pytest.raises(Refused):
        inbox.open_drawer(cloud=cloud_of(consumer), status="pending", page="1")


@pytest.mark.parametrize("status", ["pending", "accepted", "rejected"])
def test_a_share_stands_as_its_member_says(
    fake: FakeCloud, producer: Party, consumer: Party, cloud_of: CloudOf, status: str
) -> None:
    image_id = a_share(fake, producer, consumer, status)
    found = inbox.standing(cloud=cloud_of(consumer), image_id=image_id)
    assert found is not None
    assert (found.state, found.can_be_answered) == (State(status), True)


def test_what_is_gone_is_told_from_our_own_record_only(
    fake: FakeCloud, producer: Party, consumer: Party, stranger: Party, cloud_of: CloudOf
) -> None:
    image_id = fake.image(producer.project)
    a_record(image_id, producer, consumer)
    found = inbox.standing(cloud=cloud_of(consumer), image_id=image_id)
    assert found is not None
    assert (found.state, found.image_name, found.can_be_answered) == (State.GONE, "noble", False)
    assert found.producer_project_id == producer.project.id
    assert inbox.standing(cloud=cloud_of(stranger), image_id=image_id) is None


def test_own_and_open_to_everyone(
    fake: FakeCloud, producer: Party, consumer: Party, cloud_of: CloudOf
) -> None:
    image_id = fake.image(producer.project, visibility="community")
    states = [
        found.state if (found := inbox.standing(cloud=cloud_of(party), image_id=image_id)) else None
        for party in (producer, consumer)
    ]
    assert states == [State.OWN, State.EVERYONE]


def test_a_share_made_again_elsewhere_has_the_apis_time_and_no_old_note(
    fake: FakeCloud, producer: Party, consumer: Party, cloud_of: CloudOf
) -> None:
    image_id = a_share(fake, producer, consumer)
    long_ago = timezone.now() - timedelta(days=99)
    a_record(
        image_id, producer, consumer, note="Old", shared_at=long_ago, removed_at=timezone.now()
    )
    found = inbox.standing(cloud=cloud_of(consumer), image_id=image_id)
    assert found is not None
    assert found.member is not None
    assert (found.note, found.shared_at) == ("", found.member.created_at)


def test_the_listing_comes_along(
    fake: FakeCloud, producer: Party, consumer: Party, cloud_of: CloudOf
) -> None:
    image_id = a_share(fake, producer, consumer)
    listing = a_listing_of(image_id, producer)
    found = inbox.standing(cloud=cloud_of(consumer), image_id=image_id)
    assert found is not None
    assert found.listing == listing
