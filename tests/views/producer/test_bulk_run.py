"""A list of projects, worked off; in good weather and in bad."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from sharing.models import (
    Contact,
    HistoryEntry,
    OutgoingMail,
    Recipient,
    Share,
)
from sharing.services import bulk_run
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.postbox import work
from tests.views.producer.lists import a_list, posts, projects, run, started, states
from tests.views.producer.reading import said, source


@pytest.fixture
def url(image: str) -> str:
    return reverse("members-bulk", args=[image])


def test_all_are_shared_with_and_written_to(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    job = started(producer, url, a_list(100))
    run(producer.client, job)
    assert set(states(job).values()) == {"done"}
    assert fake.member_status(image, projects(100)[99]) == "pending"
    assert Share.objects.filter(removed_at=None, shared_by_name="ada").count() == 100
    assert Contact.objects.count() == Recipient.objects.count() == 100
    assert HistoryEntry.objects.filter(verb="member_added").count() == 100
    mail = OutgoingMail.objects.get(project_id=projects(3)[2])
    assert (mail.kind, mail.to) == ("shared", "c3@orchard.test")
    assert "Note 3" in mail.text
    assert "100 of 100" in said(producer.client.get(job.get_absolute_url()))


def test_the_mails_are_sent(producer: Party, url: str, mailoutbox: list[object]) -> None:
    run(producer.client, started(producer, url, a_list(3)))
    work()
    assert len(mailoutbox) == 3
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"sent"}


def test_the_note_to_all_is_for_those_without_one(producer: Party, url: str) -> None:
    rows = f"{'a' * 32},a@orchard.test\n{'b' * 32},b@orchard.test,Mine"
    run(producer.client, started(producer, url, rows, note="For all"))
    assert dict(Share.objects.values_list("project_id", "note")) == {
        "a" * 32: "For all",
        "b" * 32: "Mine",
    }


def test_it_works_without_a_script(producer: Party, url: str) -> None:
    job = started(producer, url, a_list(60))
    page = producer.client.get(job.get_absolute_url())
    assert "Go on" in said(page)
    for _ in range(2):
        answer = producer.client.post(reverse("job-run", args=[job.pk]))
        assert answer["Location"] == job.get_absolute_url()
    assert "60 of 60" in said(producer.client.get(job.get_absolute_url()))


def test_sharing_again_with_one_who_was_removed(
    fake: FakeCloud, producer: Party, consumer: Party, image: str, url: str
) -> None:
    one = reverse("members", args=[image])
    producer.client.post(one, {"project_id": consumer.project.id, "note": "First"})
    producer.client.post(reverse("member-remove", args=[image, consumer.project.id]))
    Share.objects.update(ends_on="2026-01-01", warned_days=3, reminders=3)
    run(producer.client, started(producer, url, f"{consumer.project.id},c@orchard.test,Second"))
    share = Share.objects.get()
    assert (share.note, share.removed_at) == ("Second", None)
    assert (share.ends_on, share.warned_days, share.reminders) == (None, None, 0)


def test_several_images_at_once(fake: FakeCloud, producer: Party, image: str) -> None:
    other = fake.image(producer.project, name="other")
    secret = fake.image(producer.project, name="secret", visibility="private")
    job = started(producer, reverse("bulk"), a_list(3), image=[image, other])
    run(producer.client, job)
    assert [fake.member_status(one, projects(3)[2]) for one in (image, other)] == ["pending"] * 2
    answer = producer.client.post(reverse("bulk"), {"image": secret, "rows": a_list(1)})
    assert answer.status_code == 422


def test_too_many_lines_times_images_say_so(fake: FakeCloud, producer: Party, image: str) -> None:
    other = fake.image(producer.project, name="other")
    form = {"image": [image, other], "rows": a_list(2501)}
    answer = producer.client.post(reverse("bulk"), form)
    assert answer.status_code == 422
    assert "5002 shares" in said(answer)


def test_without_an_image_nothing_is_taken(producer: Party, image: str) -> None:
    answer = producer.client.post(reverse("bulk"), {"rows": a_list(1)})
    assert answer.status_code == 422
    assert "Choose one image" in said(answer)


def test_the_quota_stops_it_and_the_rest_is_kept(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    fake.glance.images.quota = 60
    job = started(producer, url, a_list(80))
    run(producer.client, job)
    assert sorted(states(job).values()) == ["done"] * 60 + ["waiting"] * 20
    page = said(producer.client.get(job.get_absolute_url()))
    assert "the rest is kept" in page
    assert "as many members as this cloud allows" in page
    fake.glance.images.quota = 128
    producer.client.post(reverse("job-retry", args=[job.pk]))
    run(producer.client, job)
    assert set(states(job).values()) == {"done"}
    assert OutgoingMail.objects.count() == 80


def test_one_image_at_its_quota_does_not_hold_up_another(
    fake: FakeCloud, producer: Party, image: str
) -> None:
    other = fake.image(producer.project, name="other")
    job = started(producer, reverse("bulk"), a_list(4), image=[image, other])
    fake.change_image(image, visibility="private")
    run(producer.client, job)
    done = job.rows.filter(state="done").values_list("image__image_id", flat=True)
    assert (len(done), set(done)) == (4, {other})


def test_a_token_that_expires_half_way_loses_nothing(
    fake: FakeCloud, producer: Party, url: str
) -> None:
    job = started(producer, url, a_list(100))
    run(producer.client, job, times=1)
    done = posts(fake)
    fake.expire_all()
    headers = {
        "HX-Request": "true",
        "HX-Target": "rows",
        "HX-Current-URL": f"http://testserver{job.get_absolute_url()}",
    }
    answer = producer.client.post(reverse("job-run", args=[job.pk]), headers=headers)
    assert answer["HX-Redirect"].startswith("/sign-in/?next=%2Fproducer%2Fjobs%2F")
    sign_in = {"method": "password", "username": "ada", "password": PASSWORD}
    producer.client.post(reverse("sign-in"), sign_in)
    run(producer.client, job)
    assert set(states(job).values()) == {"done"}
    assert done < 100
    assert OutgoingMail.objects.count() == 100


def test_an_image_api_that_goes_away_half_way(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    job = started(producer, url, a_list(20))
    path = f"/v2/images/{image}/members"
    fake.after("POST", path, fake.stop_glance)
    answer = producer.client.post(reverse("job-run", args=[job.pk]))
    assert answer.status_code == 503
    first = Share.objects.count()
    assert 0 < first < 20
    assert job.rows.filter(state="waiting").count() == 20 - first
    fake.start_glance()
    run(producer.client, job)
    assert set(states(job).values()) == {"done"}
    assert Share.objects.count() == OutgoingMail.objects.count() == 20


def test_an_answer_that_is_lost_is_found_again(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    """The member was made, and nobody heard of it: the row is done all the same, and once."""
    job = started(producer, url, a_list(1))
    path = f"/v2/images/{image}/members"
    fake.member(image, projects(1)[0])
    fake.fail("POST", path, slow=True)
    assert producer.client.post(reverse("job-run", args=[job.pk])).status_code == 503
    run(producer.client, job)
    assert set(states(job).values()) == {"done"}
    assert OutgoingMail.objects.count() == 1


def test_one_that_another_tool_made_meanwhile_is_left_out(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    job = started(producer, url, a_list(2))
    fake.member(image, projects(1)[0])
    run(producer.client, job)
    assert sorted(states(job).values()) == ["done", "left_out"]
    assert OutgoingMail.objects.count() == 1


def test_rows_that_failed_can_be_run_again(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    job = started(producer, url, a_list(10))
    fake.fail("POST", f"/v2/images/{image}/members", status=500, times=3)
    run(producer.client, job)
    assert sorted(states(job).values()) == ["done"] * 7 + ["failed"] * 3
    page = producer.client.get(job.get_absolute_url(), {"state": "failed"})
    assert source(page).count("data-project=") == 3
    producer.client.post(reverse("job-retry", args=[job.pk]))
    run(producer.client, job)
    assert set(states(job).values()) == {"done"}
    assert posts(fake) == 13


def test_a_row_that_another_tab_has_is_not_done_twice(
    fake: FakeCloud, producer: Party, url: str
) -> None:
    job = started(producer, url, a_list(60))
    other = bulk_run.claim_rows(job, uuid.uuid4().hex)
    run(producer.client, job, times=3)
    assert posts(fake) == 60 - len(other)
    page = producer.client.post(
        reverse("job-run", args=[job.pk]), headers={"HX-Request": "true", "HX-Target": "rows"}
    )
    assert "load delay:2s" in source(page)


def test_a_row_whose_worker_died_comes_back(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    job = started(producer, url, a_list(2))
    bulk_run.claim_rows(job, uuid.uuid4().hex)
    fake.member(image, projects(1)[0])  # it had got so far
    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=True):
        run(producer.client, job)
    assert set(states(job).values()) == {"done"}
    assert OutgoingMail.objects.count() == 2


def test_a_reader_is_told_that_he_may_not(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    job = started(producer, url, a_list(3))
    for token in fake.keystone.tokens.values():
        token.roles = frozenset({"reader"})
    run(producer.client, job)
    assert "The cloud does not allow you" in said(producer.client.get(job.get_absolute_url()))
    assert set(states(job).values()) == {"waiting"}


def test_an_image_that_is_deleted_half_way(
    fake: FakeCloud, producer: Party, image: str, url: str
) -> None:
    job = started(producer, url, a_list(3))
    fake.delete_image(image)
    run(producer.client, job)
    assert "The image is gone" in said(producer.client.get(job.get_absolute_url()))
