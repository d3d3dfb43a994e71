"""A new version that was a mistake is taken back; who came late is carried over too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sharing.models import BulkJob, Contact, HistoryEntry, Listing, OutgoingMail, Succession
from sharing.services import bulk_run
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.scenarios.loop import publish
from tests.views.producer.lists import run, states
from tests.views.producer.reading import said

FIRST, SECOND, LATE = "1" * 32, "2" * 32, "3" * 32


@pytest.fixture
def old(fake: FakeCloud, producer: Party, image: str) -> str:
    fake.member(image, FIRST)
    fake.member(image, SECOND, "accepted")
    return image


@pytest.fixture
def new(fake: FakeCloud, producer: Party, old: str) -> str:
    """Replaces ``old``, which has a listing and is hidden by that; nothing is carried over yet."""
    publish(producer, old)
    new = fake.image(producer.project, name="debian-13")
    form = {"old": old, "note": "Kernel 6.12.", "hides_old": "on"}
    assert producer.client.post(reverse("replaces", args=[new]), form).status_code == 302
    return new


def page(producer: Party, image_id: str) -> str:
    return said(producer.client.get(reverse("producer-image", args=[image_id])))


def undone(producer: Party, new: str) -> int:
    return producer.client.post(reverse("replaces-undo", args=[new])).status_code


def start(producer: Party) -> BulkJob:
    job = BulkJob.objects.latest("pk")
    assert producer.client.post(reverse("job-start", args=[job.pk])).status_code == 302
    return job


def test_taking_back_says_what_it_does(producer: Party, old: str, new: str) -> None:
    words = page(producer, new)
    assert "goes back to the older image" in words
    assert "The older image is shown in image lists again." in words
    assert "mails that were written cannot be called back" in words
    assert "It replaces nothing" not in page(producer, old)


def test_the_listing_and_the_old_image_are_as_before(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    assert undone(producer, new) == 302
    assert not Succession.objects.exists()
    assert not BulkJob.objects.exists()  # its list was never started
    assert fake.glance.images.images[old].properties["os_hidden"] is False
    assert Listing.objects.get().image_id == old
    assert "This replaces" not in page(producer, new)
    assert HistoryEntry.objects.get(verb="replacing_undone").image_id == old
    assert undone(producer, new) == 409
    form = {"old": old, "note": "Now really."}
    assert producer.client.post(reverse("replaces", args=[new]), form).status_code == 302


def test_an_image_that_was_hidden_before_stays_hidden(
    fake: FakeCloud, producer: Party, old: str
) -> None:
    fake.change_image(old, os_hidden=True)
    new = fake.image(producer.project)
    producer.client.post(reverse("replaces", args=[new]), {"old": old, "note": "x"})
    assert undone(producer, new) == 302
    assert fake.glance.images.images[old].properties["os_hidden"] is True


def test_who_was_carried_over_stays_and_the_rest_does_not_come(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    job = start(producer)
    fake.fail("POST", f"/v2/images/{new}/members", status=500)
    run(producer.client, job)
    assert sorted(states(job).values()) == ["done", "failed"]
    assert undone(producer, new) == 302
    assert sorted(states(job).values()) == ["done", "left_out"]
    assert "The new version was taken back." in said(producer.client.get(job.get_absolute_url()))
    statuses = [fake.member_status(new, one) for one in (FIRST, SECOND)]
    assert sorted(str(one) for one in statuses) == ["None", "pending"]


def test_rows_under_way_while_it_is_taken_back_are_written_down(
    producer: Party, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Contact.objects.create(
        producer_project_id=producer.project.id, project_id=FIRST, email="f@orchard.test"
    )
    job = start(producer)
    write_down = bulk_run._write_down

    def late(*args: Any) -> None:
        Succession.objects.all().delete()
        write_down(*args)

    monkeypatch.setattr(bulk_run, "_write_down", late)
    run(producer.client, job)
    assert set(states(job).values()) == {"done"}
    assert OutgoingMail.objects.get().kind in {"shared", "new_version"}


def test_not_after_the_members_were_removed(producer: Party, old: str, new: str) -> None:
    Succession.objects.update(removal_on="2020-01-01")
    assert producer.client.post(reverse("retire", args=[old])).status_code == 302
    assert undone(producer, new) == 409
    assert "Its members were removed" in page(producer, old)
    assert "Take this back" not in page(producer, new)


def test_only_the_last_step_of_a_chain(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    newest = fake.image(producer.project, name="debian-14")
    producer.client.post(reverse("replaces", args=[newest]), {"old": new, "note": "x"})
    assert undone(producer, new) == 409
    assert undone(producer, newest) == 302
    assert undone(producer, new) == 302
    assert Listing.objects.get().image_id == old


def test_an_old_image_that_is_gone_cannot_come_back(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    fake.delete_image(old)
    assert page(producer, new)
    assert undone(producer, new) == 409
    assert Succession.objects.exists()


def test_who_came_late_is_carried_over_too(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    run(producer.client, start(producer))
    assert "Carry" not in page(producer, new)
    fake.member(old, LATE)
    fake.member(old, "4" * 32, "rejected")
    fake.member(old, "orchard")
    Contact.objects.create(
        producer_project_id=producer.project.id, project_id=LATE, email="late@orchard.test"
    )
    for image_id in (old, new):
        assert "1 project got the older one after that" in page(producer, image_id)
    answer = producer.client.post(reverse("carry-late", args=[new]))
    assert answer["Location"] == BulkJob.objects.latest("pk").get_absolute_url()
    job = start(producer)
    run(producer.client, job)
    assert states(job) == {LATE: "done"}
    assert OutgoingMail.objects.get().kind == "new_version"
    assert "Carry" not in page(producer, old)
    assert producer.client.post(reverse("carry-late", args=[new])).status_code == 409


def test_who_was_removed_from_the_new_one_did_not_come_late(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    run(producer.client, start(producer))
    producer.client.post(reverse("member-remove", args=[new, FIRST]))
    assert "Carry" not in page(producer, new)


@pytest.mark.parametrize("name", ["replaces-undo", "carry-late"])
def test_it_is_the_owners_alone(
    fake: FakeCloud,
    producer: Party,
    stranger: Party,
    sign_in: Callable[[str], Client],
    old: str,
    new: str,
    name: str,
) -> None:
    fake.member(old, LATE)
    fake.user("rita", PASSWORD, projects=[producer.project], roles=["reader"])
    people = (stranger.client, Client(), sign_in("rita"))
    answers = [who.post(reverse(name, args=[new])) for who in people]
    assert [answer.status_code for answer in answers] == [404, 302, 403]
    assert Succession.objects.count() == BulkJob.objects.count() == 1


def test_an_image_api_that_is_away_takes_nothing_back(
    fake: FakeCloud, producer: Party, old: str, new: str
) -> None:
    fake.fail("PATCH", f"/v2/images/{old}", refused=True, times=2)
    assert undone(producer, new) == 503
    assert Succession.objects.exists()
    assert Listing.objects.get().image_id == new


def test_what_another_tab_is_doing_is_left_to_it(producer: Party, old: str, new: str) -> None:
    job = start(producer)
    assert bulk_run.claim_rows(job, "another-tab")
    assert undone(producer, new) == 302
    assert set(states(job).values()) == {"running"}
