from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sharing import session
from sharing.cloud import errors
from sharing.models import (
    AccessRequest,
    Contact,
    HistoryEntry,
    Listing,
    OutgoingMail,
    RequestEvent,
    Share,
)
from sharing.services import decisions, members, refusals
from sharing.session import Cloud
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.scenarios.loop import publish


@pytest.fixture
def cloud(producer: Party) -> Cloud:
    found = session.load(producer.client.session, request_id="req-test")
    assert found
    return found


@pytest.fixture
def asked(fake: FakeCloud, producer: Party, consumer: Party) -> AccessRequest:
    listing = publish(producer, fake.image(producer.project))
    return AccessRequest.objects.create(
        listing=listing,
        project_id=consumer.project.id,
        email="chen@orchard.test",
        state="open",
        confirmed_at=timezone.now(),
    )


def again(asked: AccessRequest) -> AccessRequest:
    """As another process has it."""
    return AccessRequest.objects.select_related("listing").get(pk=asked.pk)


def test_a_decision_in_the_middle_of_another_is_too_late(
    fake: FakeCloud, cloud: Cloud, asked: AccessRequest
) -> None:
    """The second comes while the first one's call is on its way to the Image API."""
    seen: list[refusals.AlreadyDecided] = []

    def decline() -> None:
        with pytest.raises(refusals.AlreadyDecided) as caught:
            decisions.decline(cloud=cloud, request=again(asked), reason="No.", by=cloud.user)
        seen.append(caught.value)

    fake.after("GET", f"/v2/images/{asked.listing.image_id}", decline)
    decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    assert (seen[0].by, seen[0].at) == (cloud.user.name, None)
    assert again(asked).state == "approved"
    assert not OutgoingMail.objects.filter(kind="declined").exists()


def test_of_two_who_decide_one_calls_the_image_api(
    fake: FakeCloud, cloud: Cloud, asked: AccessRequest
) -> None:
    other = again(asked)
    decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    with pytest.raises(refusals.AlreadyDecided) as caught:
        decisions.approve(cloud=cloud, request=other, by=cloud.user)
    assert caught.value.state == "approved"
    assert caught.value.at is not None
    assert len([call for call in fake.calls if call.startswith("POST /v2")]) == 1
    assert OutgoingMail.objects.filter(kind="shared").count() == 1


def test_a_claim_of_a_process_that_died_ends_by_itself(cloud: Cloud, asked: AccessRequest) -> None:
    AccessRequest.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    assert again(asked).state == "approved"


def test_a_claim_that_holds_names_who_holds_it(cloud: Cloud, asked: AccessRequest) -> None:
    """And not who asked for more, a week ago."""
    decisions.ask_more(cloud=cloud, request=asked, question="Why?", by=cloud.user)
    AccessRequest.objects.update(
        claimed_until=timezone.now() + timedelta(minutes=1), claimed_by_name="ben"
    )
    with pytest.raises(refusals.AlreadyDecided) as caught:
        decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    assert (caught.value.by, caught.value.at) == ("ben", None)


@pytest.mark.parametrize("error", [{"refused": True}, {"slow": True}, {"status": 500}])
def test_a_call_that_fails_gives_the_claim_back(
    fake: FakeCloud, cloud: Cloud, asked: AccessRequest, error: Weather
) -> None:
    fake.fail("POST", "/v2/images/*/members", **error)
    with pytest.raises(errors.Unavailable):
        decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    assert (again(asked).state, again(asked).claimed_until) == ("open", None)
    assert not RequestEvent.objects.exists()


def test_an_approval_whose_answer_was_lost_can_be_repeated(
    fake: FakeCloud, cloud: Cloud, consumer: Party, asked: AccessRequest
) -> None:
    """The member is there, nothing is written down: a second approval finds and keeps it."""
    fake.member(asked.listing.image_id, consumer.project)
    decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    assert again(asked).state == "approved"
    assert Share.objects.get().request_id == asked.pk


def test_each_decision_leaves_an_event_and_a_row(cloud: Cloud, asked: AccessRequest) -> None:
    decisions.ask_more(cloud=cloud, request=asked, question="Why?", by=cloud.user)
    decisions.decline(cloud=cloud, request=asked, reason="No.", by=cloud.user)
    kinds = RequestEvent.objects.values_list("kind", "text", "by_name")
    assert list(kinds) == [("asked", "Why?", "ada"), ("declined", "No.", "ada")]
    verbs = HistoryEntry.objects.exclude(verb="listing_published").order_by("pk")
    assert [entry.verb for entry in verbs] == ["request_asked", "request_declined"]


def test_an_image_that_is_gone_is_found_out(
    fake: FakeCloud, cloud: Cloud, asked: AccessRequest
) -> None:
    fake.delete_image(asked.listing.image_id)
    with pytest.raises(refusals.ImageGone):
        decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    assert Listing.objects.get().is_unavailable


def test_an_image_that_is_another_projects_now_is_gone(
    fake: FakeCloud, cloud: Cloud, stranger: Party, asked: AccessRequest
) -> None:
    fake.glance.images.images[asked.listing.image_id].owner = stranger.project.id
    fake.member(asked.listing.image_id, cloud.project.id)
    with pytest.raises(refusals.ImageGone):
        decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    assert fake.member_status(asked.listing.image_id, asked.project_id) is None


def a_contact(asked: AccessRequest, email: str = "real@orchard.test") -> Contact:
    return Contact.objects.create(
        producer_project_id=asked.listing.project_id, project_id=asked.project_id, email=email
    )


def test_who_only_claims_a_project_does_not_become_its_contact(
    cloud: Cloud, asked: AccessRequest
) -> None:
    contact = a_contact(asked)
    decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    contact.refresh_from_db()
    assert contact.email == "real@orchard.test"
    assert OutgoingMail.objects.get(kind="shared").to == asked.email


def test_who_proved_the_project_does_and_it_is_written_down(
    cloud: Cloud, asked: AccessRequest
) -> None:
    contact = a_contact(asked)
    AccessRequest.objects.update(is_verified=True)
    decisions.approve(cloud=cloud, request=again(asked), by=cloud.user)
    contact.refresh_from_db()
    assert contact.email == asked.email
    assert HistoryEntry.objects.filter(verb="contact_changed").count() == 1


def test_approving_who_is_a_member_already_keeps_what_is_known(
    fake: FakeCloud, cloud: Cloud, asked: AccessRequest
) -> None:
    image = cloud.images.get_image(asked.listing.image_id)
    members.add(
        cloud=cloud, image=image, project_id=asked.project_id, by=cloud.user, note="Keep me."
    )
    before = Share.objects.get()
    decisions.approve(cloud=cloud, request=asked, by=cloud.user)
    after = Share.objects.get()
    assert (after.note, after.shared_at) == ("Keep me.", before.shared_at)
    assert after.request == asked
    assert OutgoingMail.objects.filter(kind="shared", to=asked.email).exists()
