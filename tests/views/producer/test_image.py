from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sharing.cloud.resources import MemberStatus
from sharing.models import Listing, OutgoingMail
from tests.conftest import Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.reading import element, said, source


def share(producer: Party, image: str, project_id: str, **form: str) -> None:
    url = reverse("members", args=[image])
    answer = producer.client.post(url, {"project_id": project_id, **form})
    assert answer.status_code == 302, said(answer)


def member(producer: Party, image: str, project_id: str) -> str:
    answer = producer.client.get(reverse("producer-image", args=[image]))
    return element(answer, "tr", f'data-project="{project_id}"')


def test_shows_the_facts(producer: Party, image_page: str, image: str) -> None:
    answer = producer.client.get(image_page)
    assert answer.status_code == 200
    for fact in (image, "debian-12", "Debian 12", "1.0 MiB", "qcow2 / bare", "Active", "Shared"):
        assert fact in said(answer)


def test_says_what_rejecting_means(producer: Party, image_page: str) -> None:
    assert "Rejecting hides; it does not take away." in said(producer.client.get(image_page))


def test_says_what_to_do_when_nobody_has_it(producer: Party, image_page: str) -> None:
    assert "It is shared with nobody yet." in said(producer.client.get(image_page))


@pytest.mark.parametrize(
    ("status", "word"), [("pending", "Waiting"), ("accepted", "Accepted"), ("rejected", "Rejected")]
)
def test_shows_a_member_with_its_status(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, status: MemberStatus, word: str
) -> None:
    fake.member(image, consumer.project, status)
    answer = producer.client.get(reverse("producer-image", args=[image]))
    assert f'data-status="{status}"' in source(answer)
    assert word in element(answer, "tr", f'data-project="{consumer.project.id}"')


def test_a_share_of_another_tool_is_marked(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    fake.member(image, consumer.project)
    assert "shared outside the portal" in member(producer, image, consumer.project.id)


def test_a_share_of_ours_shows_contact_and_mail(
    producer: Party, consumer: Party, image: str
) -> None:
    share(producer, image, consumer.project.id, email="chen@orchard.test")
    row = member(producer, image, consumer.project.id)
    assert "chen@orchard.test" in row
    assert "not yet Queued just now" in row
    assert "outside" not in row


def test_a_mail_that_failed_is_seen(producer: Party, consumer: Party, image: str) -> None:
    share(producer, image, consumer.project.id, email="chen@orchard.test")
    OutgoingMail.objects.update(state="failed")
    assert "Failed" in member(producer, image, consumer.project.id)


def test_who_never_answered_has_not_yet(producer: Party, consumer: Party, image: str) -> None:
    share(producer, image, consumer.project.id)
    row = member(producer, image, consumer.project.id)
    assert "not yet" in row
    assert "put back" not in row


def test_who_answered_and_put_it_back_is_told_apart(
    producer: Party, consumer: Party, image: str
) -> None:
    share(producer, image, consumer.project.id)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        for status in ("accepted", "pending"):
            consumer.client.post(reverse("share-status", args=[image]), {"status": status})
        row = member(producer, image, consumer.project.id)
    assert "put back to pending" in row
    assert "not yet" not in row


def test_one_shared_again_has_not_put_it_back(producer: Party, consumer: Party, image: str) -> None:
    """The API keeps the first ``created_at`` of a member that was removed (trap 12)."""
    share(producer, image, consumer.project.id)
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        share(producer, image, consumer.project.id)
        row = member(producer, image, consumer.project.id)
    assert "put back" not in row
    assert "not yet" in row


def test_shows_when_a_consumer_answered(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        fake.member(image, consumer.project)
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        for row in fake.glance.images.images[image].rows:
            row.status, row.updated_at = "accepted", timezone.now()
    words = member(producer, image, consumer.project.id)
    assert "3 days ago 1 day ago" in words


@pytest.mark.parametrize("name", ["orchard", "A" * 32, " ", "x" * 256])
def test_a_member_that_is_no_project_can_be_got_rid_of(
    fake: FakeCloud, producer: Party, image: str, name: str
) -> None:
    fake.member(image, name)
    answer = producer.client.get(reverse("producer-image", args=[image]))
    assert "not a project’s ID" in said(answer)
    removal = reverse("member-remove", args=[image, name])
    assert removal in source(answer)
    assert producer.client.post(removal).status_code == 302
    assert fake.member_status(image, name) is None


@pytest.mark.parametrize("name", ["a/b", "."])
def test_a_member_that_cannot_be_removed_is_said_so(
    fake: FakeCloud, producer: Party, image_page: str, image: str, name: str
) -> None:
    fake.member(image, name)
    answer = producer.client.get(image_page)
    assert "cannot remove a member of this name" in said(answer)
    assert "/remove/" not in source(answer)


def test_a_member_stands_there_once(
    fake: FakeCloud, producer: Party, consumer: Party, image_page: str, image: str
) -> None:
    fake.member(image, consumer.project)
    fake.member(image, consumer.project)
    answer = source(producer.client.get(image_page))
    assert answer.count(f'data-project="{consumer.project.id}"') == 1


@pytest.mark.parametrize(
    ("visibility", "meaning"),
    [
        ("private", "Nobody but your project can see it"),
        ("community", "Everyone on this cloud can boot from it by its ID"),
        ("public", "Everyone on this cloud has it in the image list"),
    ],
)
def test_says_what_a_visibility_means_and_offers_to_share(
    fake: FakeCloud, producer: Party, image_page: str, image: str, visibility: str, meaning: str
) -> None:
    fake.change_image(image, visibility=visibility)
    answer = producer.client.get(image_page)
    assert meaning in said(answer)
    assert 'name="visibility" value="shared"' in source(answer)
    assert 'name="note"' not in source(answer)


def test_a_private_image_tells_of_the_members_it_had(
    producer: Party, consumer: Party, image_page: str, image: str
) -> None:
    share(producer, image, consumer.project.id)
    producer.client.post(reverse("visibility", args=[image]), {"visibility": "private"})
    assert "1 project that it was shared with" in said(producer.client.get(image_page))


@pytest.mark.parametrize(
    ("status", "meaning"),
    [("deactivated", "The image is deactivated"), ("queued", "The image has no data yet")],
)
def test_an_image_that_cannot_boot_can_be_shared(
    fake: FakeCloud,
    producer: Party,
    consumer: Party,
    image_page: str,
    image: str,
    status: str,
    meaning: str,
) -> None:
    fake.change_image(image, status=status, checksum=None)
    assert meaning in said(producer.client.get(image_page))
    share(producer, image, consumer.project.id)
    assert fake.member_status(image, consumer.project) == "pending"


def test_looking_refreshes_the_listing(
    fake: FakeCloud, producer: Party, listing: Listing, image_page: str
) -> None:
    fake.change_image(listing.image_id, name="debian-12.1", os_version="12.1", size=7)
    producer.client.get(image_page)
    listing.refresh_from_db()
    assert (listing.image_name, listing.os_version, listing.size) == ("debian-12.1", "12.1", 7)
    assert "12.1" in listing.search_text


def test_htmx_gets_the_members_alone(producer: Party, image_page: str) -> None:
    headers = {"HX-Request": "true", "HX-Target": "members"}
    answer = producer.client.get(image_page, headers=headers)
    assert source(answer).strip().startswith('<section id="members"')
    assert "HX-Target" in answer["Vary"]


def test_reads_the_tables_as_often_for_many_members(
    fake: FakeCloud,
    producer: Party,
    listing: Listing,
    image_page: str,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(30):
        fake.member(listing.image_id, f"{number:032x}", "rejected" if number % 3 else "pending")
    producer.client.get(image_page)  # shows the message that it was published
    # The session; listing, tags; update; versions; five for the members.
    with django_assert_num_queries(10):
        producer.client.get(image_page)


def test_an_image_that_turned_private_meanwhile_still_has_a_page(
    fake: FakeCloud, producer: Party, image_page: str, image: str
) -> None:
    fake.after("GET", f"/v2/images/{image}", lambda: fake.change_image(image, visibility="private"))
    answer = producer.client.get(image_page)
    assert answer.status_code == 200
    assert "Only a shared image has members." in said(answer)


@pytest.mark.parametrize("weather", [{"refused": True}, {"slow": True}, {"status": 500}])
@pytest.mark.parametrize("call", ["", "/members"])
def test_bad_weather_is_a_page_that_says_who_is_away(
    fake: FakeCloud,
    producer: Party,
    image_page: str,
    image: str,
    call: str,
    weather: Weather,
) -> None:
    fake.fail("GET", f"/v2/images/{image}{call}", times=None, **weather)
    answer = producer.client.get(image_page)
    assert answer.status_code == 503
    assert "Image API" in said(answer)


def test_an_expired_session_signs_in_and_comes_back(
    fake: FakeCloud, producer: Party, image_page: str
) -> None:
    fake.expire_all()
    answer = producer.client.get(image_page)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign-in"))


def test_with_keystone_down_nobody_is_signed_out(
    fake: FakeCloud, producer: Party, image_page: str
) -> None:
    fake.stop_keystone()
    assert producer.client.get(image_page).status_code == 503
    fake.start_keystone()
    assert producer.client.get(image_page).status_code == 200


def test_who_was_removed_here_and_came_back_by_another_tool_is_not_put_back(
    fake: FakeCloud, producer: Party, consumer: Party, image: str
) -> None:
    """The API's dates look like those of one who answered and put it back to pending (trap 12)."""
    project_id = consumer.project.id
    with time_machine.travel(timezone.now() - timedelta(days=9), tick=False):
        share(producer, image, project_id)
    with time_machine.travel(timezone.now() - timedelta(days=5), tick=False):
        producer.client.post(reverse("member-remove", args=[image, project_id]))
    with time_machine.travel(came_back := timezone.now() - timedelta(days=2), tick=False):
        fake.member(image, consumer.project)
    shown = member(producer, image, project_id)
    assert "shared outside the portal" in shown
    assert "put back" not in shown.lower()
    answer = producer.client.get(reverse("producer-image", args=[image]))
    row = source(answer).partition(f'data-project="{project_id}"')[2].partition("</tr>")[0]
    assert f'datetime="{came_back:%Y-%m-%dT%H:%M}' in row
