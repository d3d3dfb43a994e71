"""A new version: the members come along, the listing goes on, the old image can go."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sharing.models import BulkJob, Contact, HistoryEntry, OutgoingMail, Share, Succession
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.loop import publish
from tests.views.producer.lists import run, states
from tests.views.producer.reading import said, source

PENDING, ACCEPTED, REJECTED = "1" * 32, "2" * 32, "3" * 32
NOTE = "Kernel 6.12, and a smaller disk."


@pytest.fixture
def old(fake: FakeCloud, producer: Party, image: str) -> str:
    """An image with a member in each status, each with a contact."""
    fake.member(image, PENDING)
    fake.member(image, ACCEPTED, "accepted")
    fake.member(image, REJECTED, "rejected")
    for project_id in (PENDING, ACCEPTED, REJECTED):
        Contact.objects.create(
            producer_project_id=producer.project.id,
            project_id=project_id,
            email=f"c{project_id[0]}@orchard.test",
        )
    return image


@pytest.fixture
def new(fake: FakeCloud, producer: Party) -> str:
    return fake.image(producer.project, name="debian-13")


def replaced(producer: Party, old: str, new: str, **more: object) -> str:
    """Says so by the form; where it leads to."""
    url = reverse("replaces", args=[new])
    answer = producer.client.post(url, {"old": old, "note": NOTE} | more)
    assert answer.status_code == 302, said(answer)
    return str(answer["Location"])


def carried_over(producer: Party) -> BulkJob:
    job = BulkJob.objects.latest("pk")
    assert producer.client.post(reverse("job-start", args=[job.pk])).status_code == 302
    run(producer.client, job)
    return job


def test_the_members_are_carried_over_but_not_who_rejected(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    page = producer.client.get(replaced(producer, old, new))
    assert "rejected the version before" in said(page)
    job = carried_over(producer)
    assert states(job) == {PENDING: "done", ACCEPTED: "done", REJECTED: "left_out"}
    assert "It rejected the version before." in job.rows.get(project_id=REJECTED).words
    assert fake.member_status(new, ACCEPTED) == "pending"
    assert fake.member_status(new, REJECTED) is None
    assert fake.member_status(old, ACCEPTED) == "accepted"


def test_they_get_one_mail_that_says_what_is_new(producer: Party, old: str, new: str) -> None:
    day = timezone.localdate() + timedelta(days=30)
    replaced(producer, old, new, removal_on=day.isoformat())
    carried_over(producer)
    mail = OutgoingMail.objects.get(project_id=PENDING)
    assert OutgoingMail.objects.count() == 2
    assert (mail.kind, mail.image_id) == ("new_version", new)
    for words in (NOTE, old, new, str(day.year), "debian-12"):
        assert words in mail.text
        assert words in mail.html


def test_the_listing_goes_on_under_its_address(producer: Party, old: str, new: str) -> None:
    listing = publish(producer, old)
    replaced(producer, old, new)
    listing.refresh_from_db()
    assert (listing.image_id, listing.image_name) == (new, "debian-13")
    page = said(Client().get(listing.get_absolute_url()))
    assert "Versions" in page
    assert NOTE in page
    assert "debian-12" in page


def test_the_chain_grows(fake: FakeCloud, producer: Party, old: str, new: str) -> None:
    listing = publish(producer, old)
    newest = fake.image(producer.project, name="debian-14")
    replaced(producer, old, new)
    replaced(producer, new, newest, note="Even better.")
    page = source(Client().get(listing.get_absolute_url()))
    assert [page.index(one) for one in (f'"{newest}"', f'"{new}"', f'"{old}"')] == sorted(
        page.index(one) for one in (f'"{newest}"', f'"{new}"', f'"{old}"')
    )
    assert "Even better." in page


def test_two_listings_and_the_old_one_points_to_the_new_one(
    producer: Party, old: str, new: str
) -> None:
    before, after = publish(producer, old), publish(producer, new, title="Debian 13")
    replaced(producer, old, new)
    page = source(Client().get(before.get_absolute_url()))
    assert "There is a newer version" in page
    assert f'href="{after.get_absolute_url()}"' in page


def test_the_list_of_a_new_version_is_not_thrown_away(producer: Party, old: str, new: str) -> None:
    replaced(producer, old, new)
    job = BulkJob.objects.get()
    answer = producer.client.post(reverse("job-discard", args=[job.pk]))
    assert answer.status_code == 422
    assert "it stays" in said(answer)


def test_the_old_image_can_be_hidden(fake: FakeCloud, producer: Party, old: str, new: str) -> None:
    replaced(producer, old, new, hides_old="on")
    assert fake.glance.images.images[old].properties["os_hidden"] is True
    assert fake.glance.images.images[new].properties["os_hidden"] is False


def test_it_stands_on_both_pages_and_in_the_history(producer: Party, old: str, new: str) -> None:
    replaced(producer, old, new)
    assert new in source(producer.client.get(reverse("producer-image", args=[old])))
    assert "This replaces" in said(producer.client.get(reverse("producer-image", args=[new])))
    assert HistoryEntry.objects.get(verb="image_replaced").image_id == old


def test_without_members_there_is_nothing_to_look_over(
    producer: Party, image: str, new: str
) -> None:
    assert replaced(producer, image, new) == reverse("producer-image", args=[new])
    assert not BulkJob.objects.exists()


def test_the_members_go_after_the_announced_day(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    day = timezone.localdate() + timedelta(days=30)
    replaced(producer, old, new, removal_on=day.isoformat())
    retire = reverse("retire", args=[old])
    assert producer.client.post(retire).status_code == 409
    assert fake.member_status(old, PENDING) == "pending"
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=True):
        form = {"method": "password", "username": "ada", "password": PASSWORD}
        fresh = Client()
        fresh.post(reverse("sign-in"), form)
        assert "Remove its members" in said(fresh.get(reverse("producer-image", args=[old])))
        answer = fresh.post(retire)
        assert answer.status_code == 302
        run(fresh, BulkJob.objects.latest("pk"))
        assert not BulkJob.objects.latest("pk").rows.exclude(state="done").exists()
        assert fresh.post(retire).status_code == 302
    assert [fake.member_status(old, one) for one in (PENDING, ACCEPTED, REJECTED)] == [None] * 3
    assert OutgoingMail.objects.filter(kind="removed").count() == 3
    assert Share.objects.filter(image_id=old, removed_at=None).count() == 0


@pytest.mark.parametrize(
    "form",
    [
        {"note": ""},
        {"old": "nonsense"},
        {"old": ""},
        {"removal_on": "2001-01-01"},
        {"removal_on": "soon"},
        {"note": "x" * 2001},
        {"note": "a\x00"},
    ],
)
def test_a_mistake_changes_nothing(
    producer: Party, old: str, new: str, form: dict[str, str]
) -> None:
    url = reverse("replaces", args=[new])
    answer = producer.client.post(url, {"old": old, "note": NOTE} | form)
    assert answer.status_code == 422
    assert not Succession.objects.exists()


def test_an_image_is_replaced_once_and_never_in_a_circle(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    replaced(producer, old, new)
    third = fake.image(producer.project)
    for one, other in ((old, third), (new, old)):
        answer = producer.client.post(reverse("replaces", args=[other]), {"old": one, "note": NOTE})
        assert answer.status_code == 422
    assert Succession.objects.count() == 1


def test_a_new_one_that_is_private_can_take_no_members(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    fake.change_image(new, visibility="private")
    answer = producer.client.post(reverse("replaces", args=[new]), {"old": old, "note": NOTE})
    assert answer.status_code == 422
    assert "private" in said(answer)
    assert not Succession.objects.exists()


def test_an_image_api_that_is_away_changes_nothing_and_keeps_the_words(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    url = reverse("replaces", args=[new])
    fake.fail("GET", f"/v2/images/{old}/members", refused=True, times=2)
    assert producer.client.post(url, {"old": old, "note": NOTE}).status_code == 503
    assert not Succession.objects.exists()
    assert NOTE in source(producer.client.get(url))


@pytest.mark.parametrize("name", ["replaces", "retire"])
def test_it_is_the_owners_alone(
    producer: Party, stranger: Party, old: str, new: str, name: str
) -> None:
    url = reverse(name, args=[new])
    form = {"old": old, "note": NOTE}
    answers = [who.post(url, form) for who in (stranger.client, Client())]
    assert [answer.status_code for answer in answers] == [404, 302]


def test_anothers_image_cannot_be_replaced(
    fake: FakeCloud, producer: Party, stranger: Party, new: str
) -> None:
    theirs = fake.image(stranger.project, visibility="community")
    url = reverse("replaces", args=[new])
    assert producer.client.post(url, {"old": theirs, "note": NOTE}).status_code == 422


def test_the_day_is_written_as_people_write_it(producer: Party, old: str, new: str) -> None:
    day = date(timezone.localdate().year + 1, 3, 4)
    replaced(producer, old, new, removal_on=day.isoformat())
    assert "March 4" in said(producer.client.get(reverse("producer-image", args=[old])))
