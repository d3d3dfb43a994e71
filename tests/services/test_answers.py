import pytest
from django.utils import timezone

from sharing import session
from sharing.cloud.errors import SessionEnded, Unavailable
from sharing.models import HistoryEntry, OutgoingMail, Share
from sharing.services import answers, refusals
from sharing.session import Cloud
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.shares import a_listing_of, a_record, a_share


def cloud_of(party: Party) -> Cloud:
    found = session.load(party.client.session, request_id="req-test")
    assert found
    return found


def give(cloud: Cloud, image_id: str) -> None:
    image = cloud.images.get_image(image_id)
    now, by = timezone.now(), cloud.user
    answers.give(cloud=cloud, image=image, before="pending", status="accepted", by=by, seen_at=now)


def test_two_at_once_are_told_once(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    """A double click: both saw it pending, both set it, one is written down."""
    image_id = a_share(fake, producer, consumer)
    a_listing_of(image_id, producer)
    cloud = cloud_of(consumer)
    image, seen_at = cloud.images.get_image(image_id), timezone.now()
    HistoryEntry.objects.create(  # the other one's, after both had looked
        verb="status_set",
        producer_project_id=producer.project.id,
        image_id=image_id,
        project_id=consumer.project.id,
        detail="accepted",
    )
    by = cloud.user
    answers.give(
        cloud=cloud, image=image, before="pending", status="accepted", by=by, seen_at=seen_at
    )
    assert HistoryEntry.objects.count() == 1
    assert not OutgoingMail.objects.exists()


def test_an_answer_to_a_share_made_elsewhere_makes_no_record(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    give(cloud_of(consumer), a_share(fake, producer, consumer))
    assert HistoryEntry.objects.count() == 1
    assert not Share.objects.exists()


def test_the_record_of_a_withdrawn_share_is_left_alone(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    record = a_record(image_id, producer, consumer, removed_at=timezone.now())
    give(cloud_of(consumer), image_id)
    record.refresh_from_db()
    assert record.answered_at is None


@pytest.mark.parametrize(
    ("status", "refusal"), [(404, refusals.ImageGone), (403, refusals.NotAllowed)]
)
def test_refusals_are_in_the_products_words(
    fake: FakeCloud, producer: Party, consumer: Party, status: int, refusal: type[Exception]
) -> None:
    image_id = a_share(fake, producer, consumer)
    fake.fail("PUT", f"/v2/images/{image_id}/members/*", status=status)
    with pytest.raises(refusal):
        give(cloud_of(consumer), image_id)
    assert not HistoryEntry.objects.exists()


def test_several_come_out_in_their_order(fake: FakeCloud, producer: Party, consumer: Party) -> None:
    names = ["one", "two", "three"]
    images = [a_share(fake, producer, consumer, name=name) for name in names]
    cloud = cloud_of(consumer)
    outcomes = answers.give_several(cloud=cloud, image_ids=images, status="rejected", by=cloud.user)
    assert [(one.image_name, one.why_not) for one in outcomes] == [(name, "") for name in names]


def test_what_was_done_before_the_token_ran_out_is_written_down(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    done, late = (a_share(fake, producer, consumer) for _ in range(2))
    cloud = cloud_of(consumer)
    fake.fail("PUT", f"/v2/images/{late}/members/*", status=401)
    fake.fail("GET", "/v3/auth/tokens", status=404)
    with pytest.raises(SessionEnded):
        answers.give_several(cloud=cloud, image_ids=[done, late], status="accepted", by=cloud.user)
    assert [row.image_id for row in HistoryEntry.objects.all()] == [done]


def test_with_not_one_done_the_image_api_is_away(
    fake: FakeCloud, producer: Party, consumer: Party
) -> None:
    image_id = a_share(fake, producer, consumer)
    cloud = cloud_of(consumer)
    fake.fail("PUT", "/v2/images/*/members/*", refused=True, times=None)
    with pytest.raises(Unavailable):
        answers.give_several(cloud=cloud, image_ids=[image_id], status="accepted", by=cloud.user)


def test_none_of_ours_is_no_fault_of_the_image_api(fake: FakeCloud, consumer: Party) -> None:
    cloud = cloud_of(consumer)
    [outcome] = answers.give_several(
        cloud=cloud, image_ids=["0e0c8b1e"], status="accepted", by=cloud.user
    )
    assert outcome.why_not.startswith("The image is gone")
