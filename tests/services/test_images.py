from __future__ import annotations

import pytest

from sharing import session
from sharing.models import HistoryEntry
from sharing.services import images, refusals
from sharing.session import Cloud
from tests.conftest import Party
from tests.fake.cloud import FakeCloud


@pytest.fixture
def cloud(producer: Party) -> Cloud:
    found = session.load(producer.client.session, request_id="req-test")
    assert found
    return found


def test_members_are_counted_by_status(fake: FakeCloud, producer: Party, cloud: Cloud) -> None:
    image = fake.image(producer.project)
    fake.member(image, "a" * 32, "accepted")
    fake.member(image, "b" * 32)
    [row] = images.overview(cloud=cloud, marker="", by=cloud.user).rows
    assert row.tallies == {"accepted": 1, "pending": 1}


def test_members_that_were_not_asked_for_are_unknown_and_not_none(
    fake: FakeCloud, producer: Party, cloud: Cloud
) -> None:
    fake.image(producer.project, visibility="private")
    overview = images.overview(cloud=cloud, marker="", by=cloud.user)
    assert overview.rows[0].tallies is None
    assert not overview.has_unknown_members


def test_members_that_could_not_be_had_are_said_to_be_unknown(
    fake: FakeCloud, producer: Party, cloud: Cloud
) -> None:
    fake.image(producer.project)
    fake.fail("GET", "/v2/images/*/members", status=403)
    overview = images.overview(cloud=cloud, marker="", by=cloud.user)
    assert overview.has_unknown_members


def test_hidden_images_are_there_too(fake: FakeCloud, producer: Party, cloud: Cloud) -> None:
    image = fake.image(producer.project, os_hidden=True)
    [row] = images.overview(cloud=cloud, marker="", by=cloud.user).rows
    assert row.image.id == image


def test_a_refused_change_of_visibility_is_not_written_down(
    fake: FakeCloud, producer: Party, cloud: Cloud
) -> None:
    image = cloud.images.get_image(fake.image(producer.project))
    with pytest.raises(refusals.NotAllowed):
        images.set_visibility(cloud=cloud, image=image, visibility="public", by=cloud.user)
    assert not HistoryEntry.objects.exists()


def test_a_change_of_visibility_of_an_image_that_is_gone(
    fake: FakeCloud, producer: Party, cloud: Cloud
) -> None:
    image = cloud.images.get_image(fake.image(producer.project))
    fake.delete_image(image.id)
    with pytest.raises(refusals.ImageGone):
        images.set_visibility(cloud=cloud, image=image, visibility="private", by=cloud.user)
