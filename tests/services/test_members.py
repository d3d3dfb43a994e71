from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from sharing import session
from sharing.cloud.resources import Image
from sharing.models import Contact, HistoryEntry, OutgoingMail, Share
from sharing.services import members, refusals
from sharing.services.image_shares import ImageShare
from sharing.session import Cloud
from tests.conftest import Party
from tests.fake.cloud import FakeCloud


@pytest.fixture
def cloud(producer: Party) -> Cloud:
    found = session.load(producer.client.session, request_id="req-test")
    assert found
    return found


@pytest.fixture
def image(fake: FakeCloud, producer: Party, cloud: Cloud) -> Image:
    return cloud.images.get_image(fake.image(producer.project, name="debian-12"))


def add(cloud: Cloud, image: Image, consumer: Party, email: str = "") -> None:
    members.add(
        cloud=cloud, image=image, project_id=consumer.project.id, by=cloud.user, email=email
    )


def remove(cloud: Cloud, image: Image, consumer: Party) -> None:
    members.remove(cloud=cloud, image=image, project_id=consumer.project.id, by=cloud.user)


def tell(cloud: Cloud, image: Image, consumer: Party, email: str = "chen@orchard.test") -> None:
    members.set_contact(
        cloud=cloud,
        image=image,
        project_id=consumer.project.id,
        email=email,
        notify=True,
        by=cloud.user,
    )


def only_share(cloud: Cloud, image: Image) -> ImageShare:
    [share] = members.list_shares(cloud=cloud, image=image)
    return share


def test_what_the_cloud_refuses_is_not_written_down(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    fake.glance.images.quota = 0
    with pytest.raises(refusals.QuotaReached):
        add(cloud, image, consumer, "chen@orchard.test")
    for model in (Share, Contact, OutgoingMail, HistoryEntry):
        assert not model.objects.exists()


def test_already_a_member_tells_how_it_stands(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    fake.member(image.id, consumer.project, "accepted")
    with pytest.raises(refusals.AlreadyMember) as caught:
        add(cloud, image, consumer)
    assert caught.value.member.is_accepted


def test_removing_who_is_no_member_writes_nothing(
    cloud: Cloud, image: Image, consumer: Party
) -> None:
    with pytest.raises(refusals.NotMember):
        remove(cloud, image, consumer)
    assert not HistoryEntry.objects.exists()


def test_removing_from_a_private_image_says_why_not(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    add(cloud, image, consumer)
    fake.change_image(image.id, visibility="private")
    with pytest.raises(refusals.NotShared) as caught:
        remove(cloud, image, consumer)
    assert caught.value.visibility == "private"
    assert Share.objects.get().removed_at is None


def test_a_member_added_again_elsewhere_is_from_elsewhere(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    add(cloud, image, consumer)
    assert not only_share(cloud, image).is_from_elsewhere
    remove(cloud, image, consumer)
    fake.member(image.id, consumer.project)
    assert only_share(cloud, image).is_from_elsewhere


def test_writing_of_a_share_from_elsewhere_leaves_it_from_elsewhere(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    fake.member(image.id, consumer.project)
    tell(cloud, image, consumer)
    share = only_share(cloud, image)
    assert share.is_from_elsewhere
    assert share.is_recorded
    assert not share.has_never_been_told


def test_writing_of_one_that_was_removed_before_makes_the_record_anew(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    members.add(
        cloud=cloud, image=image, project_id=consumer.project.id, by=cloud.user, note="Old."
    )
    remove(cloud, image, consumer)
    fake.member(image.id, consumer.project)
    tell(cloud, image, consumer)
    share = Share.objects.get()
    assert (share.removed_at, share.note) == (None, "")


def test_who_was_only_told_of_a_removal_was_never_told(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    add(cloud, image, consumer, "chen@orchard.test")
    remove(cloud, image, consumer)
    fake.member(image.id, consumer.project, "accepted")
    assert only_share(cloud, image).can_be_told


def test_the_last_mail_is_the_newest(cloud: Cloud, image: Image, consumer: Party) -> None:
    add(cloud, image, consumer, "old@orchard.test")
    tell(cloud, image, consumer, "new@orchard.test")
    mail = only_share(cloud, image).last_mail
    assert mail is not None
    assert mail.to == "new@orchard.test"


def test_put_back_within_the_second_is_known_when_it_was_done_here(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    """The API's times have whole seconds: accepted and put back in one, nothing has moved."""
    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False):
        add(cloud, image, consumer)
        Share.objects.update(answered_at=timezone.now())
    share = only_share(cloud, image)
    assert share.member.updated_at == share.member.created_at
    assert share.is_put_back
    assert share.answered_at is not None


def test_put_back_with_another_tool_is_seen_in_the_times(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    add(cloud, image, consumer)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        for row in fake.glance.images.images[image.id].rows:
            row.updated_at = timezone.now()
        assert only_share(cloud, image).is_put_back


def test_a_cloud_whose_clock_is_ahead_puts_nothing_back(
    fake: FakeCloud, cloud: Cloud, image: Image, consumer: Party
) -> None:
    add(cloud, image, consumer)
    remove(cloud, image, consumer)
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        fake.member(image.id, consumer.project)
    member = cloud.images.get_member(image.id, consumer.project.id)
    members.write_down(cloud=cloud, image=image, member=member, by=cloud.user, email="", note="")
    share = only_share(cloud, image)
    assert share.member.updated_at > share.member.created_at
    assert not share.is_put_back


def test_answers_go_to_the_producers_newest_address_when_the_image_has_no_listing(
    cloud: Cloud, image: Image
) -> None:
    assert members.producer_email(image.id, cloud.project.id) == ""
